/** The audit of the whole company: changes of records and what happened beside them, newest first, with filters and export. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import type { AuditAnswer, AuditLine, AuditQuery, SealAnswer } from '../../domain/protocol/audit.ts';
import { type Asked, ask, askForFile, useAsked } from '../sync/ask.ts';
import { useSession } from '../sync/session.ts';
import { useOwnRights } from '../ui/own-rights.tsx';
import { Empty } from '../ui/page.tsx';
import { usePort } from '../ui/port.tsx';
import { showInstant } from '../ui/show-value.ts';
import { AdminFrame, Answered, holding } from './admin-frame.tsx';
import { AuditFilters } from './audit-filters.tsx';
import { AuditTable } from './audit-table.tsx';
import { keepFile } from './keep-file.ts';

const isAudit = holding<AuditAnswer>('lines', 'next');
const isSeal = holding<SealAnswer>('block', 'sealedAt', 'broken');
const addressOf = (path: string, query: AuditQuery): string => `${path}?${new URLSearchParams(Object.entries(query)).toString()}`;

export function AuditScreen() {
  const rights = useOwnRights();
  const [query, setQuery] = useState<AuditQuery>({});
  return (
    <AdminFrame title="Audit" actions={rights.may('audit:export') ? <ExportButton query={query} /> : null}>
      <SealLine />
      <AuditFilters onAsk={(wanted) => setQuery({ ...wanted })} />
      <AuditList key={JSON.stringify(query)} query={query} />
    </AdminFrame>
  );
}

function SealLine() {
  const { asked } = useAsked('/audit/seal', isSeal);
  if (asked?.ok !== true) return null;
  const { block, sealedAt, broken } = asked.value;
  return (
    <p className={broken === null ? 'quiet' : 'field-error'}>
      {block === null || sealedAt === null ? 'Nothing is sealed yet.' : `Sealed up to block ${block}, ${showInstant(sealedAt)}.`}{' '}
      {broken ?? 'To check the seal, run "drover audit verify" on the server.'}
    </p>
  );
}

function AuditList({ query }: { readonly query: AuditQuery }) {
  const session = useSession();
  const first = useAsked(addressOf('/audit/entries', query), isAudit);
  const [more, setMore] = useState<{ readonly lines: readonly AuditLine[]; readonly next: string | null }>();
  const [failed, setFailed] = useState<Asked<AuditAnswer>>();
  const [busy, setBusy] = useState(false);
  const goOn = async (after: string): Promise<void> => {
    setBusy(true);
    const answer = await ask(session, addressOf('/audit/entries', { ...query, after }), isAudit).finally(() => setBusy(false));
    if (answer.ok) setMore({ lines: [...(more?.lines ?? []), ...answer.value.lines], next: answer.value.next });
    setFailed(answer.ok ? undefined : answer);
  };
  return (
    <Answered asked={first.asked}>
      {({ lines, next: firstNext }) => {
        const all = [...lines, ...(more?.lines ?? [])];
        const next = more === undefined ? firstNext : more.next;
        return (
          <>
            {all.length === 0 ? <Empty>No entry is like that. Widen the filters.</Empty> : <AuditTable lines={all} />}
            {failed?.ok === false ? (
              <p className="field-error" role="alert">
                {failed.message}
              </p>
            ) : null}
            {next === null ? null : (
              <Button variant="default" mt="sm" loading={busy} onClick={() => void goOn(next)}>
                Show earlier entries
              </Button>
            )}
          </>
        );
      }}
    </Answered>
  );
}

function ExportButton({ query }: { readonly query: AuditQuery }) {
  const session = useSession();
  const port = usePort();
  const [busy, setBusy] = useState(false);
  const save = async (): Promise<void> => {
    setBusy(true);
    const answer = await askForFile(session, addressOf('/audit/export', query)).finally(() => setBusy(false));
    await keepFile(port, 'drover-audit.csv', answer);
  };
  return (
    <Button variant="default" loading={busy} onClick={() => void save()}>
      Export as CSV
    </Button>
  );
}
