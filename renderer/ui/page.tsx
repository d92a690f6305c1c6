/** The frame of every screen: one h1, the document title, a row of actions, and a place for notices. */
import { type ReactNode, useEffect } from 'react';

export interface PageProps {
  readonly title: string;
  /** Shown above the title: where this page belongs, with links. */
  readonly trail?: ReactNode;
  readonly subtitle?: ReactNode;
  readonly badge?: ReactNode;
  readonly actions?: ReactNode;
  /** The body scrolls by itself (grids); otherwise the page scrolls as a whole. */
  readonly fixed?: boolean;
  readonly children: ReactNode;
}

export function Page({ title, trail, subtitle, badge, actions, fixed = false, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} - Drover`;
  }, [title]);
  return (
    <div className={fixed ? 'page page-fixed' : 'page'}>
      <div className="page-head">
        <div className="page-names">
          {trail === undefined ? null : <div className="page-trail">{trail}</div>}
          <div className="page-title-row">
            <h1 className="page-title">{title}</h1>
            {badge}
            {subtitle === undefined || subtitle === '' ? null : <span className="page-subtitle">{subtitle}</span>}
          </div>
        </div>
        <div className="page-actions">{actions}</div>
      </div>
      <div className="page-body">{children}</div>
    </div>
  );
}

/** What an empty place says: one calm sentence, and the next step. */
export function Empty({ children, action }: { readonly children: ReactNode; readonly action?: ReactNode }) {
  return (
    <div className="empty">
      <p>{children}</p>
      {action}
    </div>
  );
}
