/** Margin and credit of a sale while it is typed: the numbers, and whether somebody has to approve it (R10, R15). */
import { useEffect, useState } from 'react';
import type { AnyDocument } from '../../domain/entity/entity.ts';
import { takesCredit } from '../../domain/order/credit.rules.ts';
import { creditAround, looksOfSale, marginAround, orderApprovals } from '../../domain/order/order-approval.rules.ts';
import type { Order } from '../../domain/order/order.entity.ts';
import type { Around } from '../../domain/record/around.ts';
import { useCompany, useDesk } from '../data/live.ts';
import { lookOnDesk } from '../data/looks.ts';
import { useSyncState } from '../sync/connection.ts';
import { useDerived, useProblems } from '../ui/form-facts.ts';
import { showInstant } from '../ui/show-value.ts';
import { useActor } from '../ui/use-submit.tsx';
import { type Figures, askedFor, creditFigures, marginFigures } from './standing-words.ts';

/** How long nobody types before the records around the order are read, in milliseconds. */
const PAUSE = 150;
interface Seen {
  readonly sale: Order;
  readonly around: Around;
}

/** The last sound state of the draft with what lies around it, read anew when either changes. */
function useSeen(): Seen | undefined {
  const desk = useDesk();
  const derived = useDerived();
  const { received } = useSyncState();
  const isSound = useProblems().every(({ severity }) => severity === 'soft');
  const [seen, setSeen] = useState<Seen>();
  useEffect(() => {
    if (!isSound || derived?.['kind'] !== 'sale') return undefined;
    let live = true;
    const pause = setTimeout(() => {
      // The draft is sound, so it has the shape of the entity.
      const sale = derived as Order;
      void lookOnDesk(desk, (around) => looksOfSale(sale, around)).then((around) => {
        if (live) setSeen({ sale, around });
      });
    }, PAUSE);
    return () => {
      live = false;
      clearTimeout(pause);
    };
  }, [desk, derived, isSound, received]);
  return seen;
}

export function OrderStanding({ record }: { readonly record: AnyDocument | undefined }) {
  const seen = useSeen();
  return seen === undefined ? null : <Standing {...seen} before={record as Order | undefined} />;
}

function Standing({ sale, around, before }: Seen & { readonly before: Order | undefined }) {
  const company = useCompany();
  const { rights } = useActor();
  const { phase, caughtUpAt } = useSyncState();
  const margin = marginAround(sale, around);
  const credit = creditAround(sale, around);
  const isAgreed = takesCredit(sale);
  // What it would need if it were agreed now is told beforehand.
  const asked = askedFor(orderApprovals(isAgreed ? sale : { ...sale, stage: 'agreed' }, before, company, around), sale, rights, isAgreed);
  const asOf =
    phase === 'live'
      ? 'As of now.'
      : caughtUpAt === undefined
        ? 'By what is on this device.'
        : `As of ${showInstant(caughtUpAt)}, when this device last knew everything.`;
  const flaggedAt = before?.creditFlaggedAt;
  return (
    <section className="form-section panel standing" aria-label="Margin and credit">
      <h2>Margin and credit</h2>
      {flaggedAt === undefined ? null : (
        <div className="notice" data-tone="warn" role="status">
          <span>
            When this order came to the server on {showInstant(flaggedAt)}, the customer was over the credit limit. It was not undone;
            whoever may approve it saves it with a reason.
          </span>
        </div>
      )}
      {asked === undefined ? null : (
        <div className="notice" data-tone="warn" role="status">
          <span>{asked}</span>
        </div>
      )}
      <div className="standing-parts">
        {margin ? <Part title="Margin" {...marginFigures(margin, company.settings.margin_floor_basis_points)} /> : null}
        {credit ? <Part title="Credit" {...creditFigures(credit, sale, rights, asOf)} /> : null}
      </div>
      {margin ? null : <p className="quiet">An agency deal: the goods and the claim are never ours.</p>}
      {margin && !credit ? <p className="quiet">Choose the customer to see the credit.</p> : null}
    </section>
  );
}

function Part({ title, figures, note }: Figures & { readonly title: string }) {
  return (
    <div>
      <h3>{title}</h3>
      {figures.length === 0 ? null : (
        <dl className="figures">
          {figures.map(({ label, value, tone }) => (
            <div key={label} data-tone={tone}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {note === undefined ? null : <p className="quiet">{note}</p>}
    </div>
  );
}
