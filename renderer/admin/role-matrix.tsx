/** What a role may do: kinds of records against actions, then approvals, then the company's own. */
import { Checkbox, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { ALL } from '../../domain/access/condition.ts';
import {
  type AdminPermission,
  type ApprovalPermission,
  type RecordAction,
  type RecordPermission,
  adminPermissions,
  approvals,
  recordActions,
} from '../../domain/access/permissions.ts';
import type { Grant } from '../../domain/access/rights.ts';
import { nouns } from '../../domain/registry.ts';
import { RowButton } from '../ui/row-button.tsx';
import { FieldsDialog } from './fields-dialog.tsx';
import { fieldsInShort } from './role-fields.ts';
import { deedOf, drawn, reachLabels, reachOf, withReach } from './role-words.ts';

const labels: Readonly<Record<RecordAction, string>> = {
  read: 'See',
  create: 'Make',
  update: 'Change',
  delete: 'Delete',
  restore: 'Restore',
  import: 'Import',
  export: 'Export',
};
export const labelOf = (collection: string): string =>
  nouns.find(({ entity }) => entity.collection === collection)?.entity.labels ?? collection;
const rows = [
  { collection: '*', label: 'Every kind' },
  ...nouns.map(({ entity: { collection, labels: label } }) => ({ collection, label })),
];

interface MatrixProps {
  readonly grants: readonly Grant[];
  /** The role as it is stored. */
  readonly as: readonly Grant[];
  readonly disabled: boolean;
  readonly onChange: (grants: readonly Grant[]) => void;
}

export function RecordMatrix(props: MatrixProps) {
  return (
    <section className="panel admin-panel" aria-labelledby="records">
      <h2 id="records">Records</h2>
      <p className="quiet">
        Own: whose owner is the person. Own desks: these, and those of the person&apos;s desks. A row of its own adds to &quot;Every
        kind&quot;, it takes nothing away. Fields: what the role does not see or change of a kind. &quot;As set&quot; has conditions that
        this table does not draw; the command line does.
      </p>
      <div className="admin-table">
        <table className="plain-table role-matrix">
          <thead>
            <tr>
              <th scope="col">Kind</th>
              {recordActions.map((action) => (
                <th key={action} scope="col">
                  {labels[action]}
                </th>
              ))}
              <th scope="col">Fields</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ collection, label }) => (
              <tr key={collection}>
                <th scope="row">{label}</th>
                {recordActions.map((action) => (
                  <td key={action}>
                    <ReachSelect {...props} permission={`${collection}:${action}`} />
                  </td>
                ))}
                <td>
                  <FieldsButton {...props} collection={collection} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** Says in short what of a kind's fields the role may, and opens the dialog of them. Nothing for what it does not see at all. */
function FieldsButton({ grants, disabled, onChange, collection }: MatrixProps & { readonly collection: string }) {
  const [open, setOpen] = useState(false);
  const entity = nouns.find((noun) => noun.entity.collection === collection)?.entity;
  const short = entity === undefined ? '' : fieldsInShort(grants, entity);
  if (entity === undefined || short === '') return <span className="quiet">-</span>;
  return (
    <>
      <RowButton name={`Fields of ${entity.labels.toLowerCase()}: ${short}`} onClick={() => setOpen(true)}>
        {short}
      </RowButton>
      {open ? (
        <FieldsDialog entity={entity} grants={grants} disabled={disabled} onChange={onChange} onClose={() => setOpen(false)} />
      ) : null}
    </>
  );
}

function ReachSelect({
  grants,
  as,
  disabled,
  onChange,
  permission,
}: MatrixProps & { readonly permission: RecordPermission | ApprovalPermission }) {
  const reach = reachOf(grants, permission);
  const isSpecial = reachOf(as, permission) === 'special';
  return (
    <NativeSelect
      size="xs"
      aria-label={`May ${deedOf(permission, labelOf)}`}
      data-reach={reach}
      disabled={disabled}
      value={reach}
      data={[...drawn, ...(isSpecial || reach === 'special' ? (['special'] as const) : [])].map((one) => ({
        value: one,
        label: reachLabels[one],
      }))}
      onChange={(event) => {
        const chosen = [...drawn, 'special' as const].find((one) => one === event.currentTarget.value);
        if (chosen !== undefined) onChange(withReach(grants, permission, chosen, as));
      }}
    />
  );
}

export function ApprovalPanel(props: MatrixProps) {
  return (
    <section className="panel admin-panel" aria-labelledby="approvals">
      <h2 id="approvals">Approvals</h2>
      <table className="plain-table role-matrix">
        <tbody>
          {(Object.keys(approvals) as ApprovalPermission[]).map((permission) => (
            <tr key={permission}>
              <th scope="row">{approvals[permission]}</th>
              <td>
                <ReachSelect {...props} permission={permission} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

export function CompanyPanel({ grants, disabled, onChange }: MatrixProps) {
  const has = (permission: AdminPermission): boolean => grants.some((one) => one.permission === permission);
  return (
    <section className="panel admin-panel" aria-labelledby="company">
      <h2 id="company">Administration</h2>
      <div className="company-permissions">
        {(Object.keys(adminPermissions) as AdminPermission[]).map((permission) => (
          <Checkbox
            key={permission}
            label={adminPermissions[permission]}
            disabled={disabled}
            checked={has(permission)}
            onChange={(event) =>
              onChange([
                ...grants.filter((one) => one.permission !== permission),
                ...(event.currentTarget.checked ? [{ permission, when: ALL }] : []),
              ])
            }
          />
        ))}
      </div>
    </section>
  );
}
