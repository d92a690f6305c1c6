/** Entries of the audit as a table; what each did to its record unfolds below it. */
import { Link } from '@tanstack/react-router';
import { Fragment, useState } from 'react';
import { securityEventLabels } from '../../domain/access/security-event.ts';
import type { AuditLine } from '../../domain/protocol/audit.ts';
import { nounOf } from '../../domain/registry.ts';
import { FieldDiff } from '../ui/field-diff.tsx';
import { showInstant } from '../ui/show-value.ts';
import { useViewBook } from '../ui/view-book.tsx';
import { commandLabels } from './audit-filters.tsx';
import { PlainTable } from '../ui/plain-table.tsx';

const labels: Readonly<Record<string, string>> = { ...commandLabels, ...securityEventLabels };
const keyOf = ({ log, seq }: AuditLine): string => `${log} ${seq}`;

export function AuditTable({ lines }: { readonly lines: readonly AuditLine[] }) {
  const [open, setOpen] = useState<string>();
  return (
    <div className="panel admin-table">
      <PlainTable columns={['When', 'Who', 'What', 'Record', 'Reason', 'Device', 'From']} className="audit-table">
        {lines.map((line) => {
          const key = keyOf(line);
          return (
            <Fragment key={key}>
              <AuditRow line={line} open={open === key} onToggle={() => setOpen(open === key ? undefined : key)} />
              {open === key ? (
                <tr>
                  <td colSpan={7} className="audit-more">
                    <AuditMore line={line} />
                  </td>
                </tr>
              ) : null}
            </Fragment>
          );
        })}
      </PlainTable>
    </div>
  );
}

function AuditRow({ line, open, onToggle }: { readonly line: AuditLine; readonly open: boolean; readonly onToggle: () => void }) {
  return (
    <tr>
      <td className="nowrap">{showInstant(line.at)}</td>
      <td className="nowrap">{line.whoName || line.who || <span className="quiet">Nobody known</span>}</td>
      <td className="nowrap">
        <button type="button" className="link-button" aria-expanded={open} onClick={onToggle}>
          {labels[line.what] ?? line.what}
        </button>
      </td>
      <td>
        <RecordName line={line} />
      </td>
      <td>{line.reason}</td>
      <td className="nowrap" title={line.device}>
        {line.device.slice(0, 12)}
      </td>
      <td className="nowrap">{line.address}</td>
    </tr>
  );
}

/** By the title that it had then; its page where it has one. */
function RecordName({ line: { collection, id, after, before } }: { readonly line: AuditLine }) {
  const book = useViewBook();
  const noun = nounOf(collection);
  if (!noun) return <span className="quiet">{id}</span>;
  const { entity } = noun;
  const title = after[entity.title] ?? before?.[entity.title];
  const text = typeof title === 'string' && title !== '' ? title : id;
  const face = book.faceOf(collection, after)?.face.key;
  return (
    <>
      <span className="quiet">{entity.label}</span>{' '}
      {face === undefined ? (
        text
      ) : (
        <Link to="/$face/$id" params={{ face, id }} search={{ tab: 'history' }}>
          {text}
        </Link>
      )}
    </>
  );
}

function AuditMore({ line }: { readonly line: AuditLine }) {
  const noun = nounOf(line.collection);
  return (
    <>
      {noun ? <FieldDiff entity={noun.entity} before={line.before} after={line.after} /> : <Details details={line.after} />}
      <p className="quiet">
        {line.log === 'audit' ? `Change ${line.seq}, record ${line.id}` : `Event ${line.seq}`}
        {line.deviceAt === null ? '' : `, by the device's clock ${showInstant(line.deviceAt)}`}
        {line.request === '' ? '' : `, request ${line.request}`}
      </p>
    </>
  );
}

function Details({ details }: { readonly details: Readonly<Record<string, unknown>> }) {
  const entries = Object.entries(details);
  return entries.length === 0 ? null : (
    <dl className="field-diff">
      {entries.map(([key, value]) => (
        <div key={key}>
          <dt>{key}</dt>
          <dd>{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
        </div>
      ))}
    </dl>
  );
}
