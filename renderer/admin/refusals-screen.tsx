/** What was refused to anybody, and whether somebody has looked after it. Whoever has it in the own inbox decides there. */
import { NativeSelect, Switch } from '@mantine/core';
import { useState } from 'react';
import type { RefusalLine } from '../../domain/protocol/admin.ts';
import { nouns } from '../../domain/registry.ts';
import { ask, isDone, useAsked } from '../sync/ask.ts';
import { useSession } from '../sync/session.ts';
import { Dialog } from '../ui/dialog.tsx';
import { useOwnRights } from '../ui/own-rights.tsx';
import { showInstant } from '../ui/show-value.ts';
import { AdminFrame, Answered } from './admin-frame.tsx';
import { isRefusal, isRefusals, isUsers } from './answers.ts';
import { HandBackDialog } from './hand-back-dialog.tsx';
import { Question } from './question.tsx';
import { RefusedContent } from './refused-content.tsx';
import { ACTIONS, PlainTable } from '../ui/plain-table.tsx';
import { RowButton } from '../ui/row-button.tsx';

const kindOf = (collection: string): string => nouns.find(({ entity }) => entity.collection === collection)?.entity.label ?? collection;

export function RefusalsScreen() {
  const session = useSession();
  const mayClose = useOwnRights().may('refusals:resolve');
  const [account, setAccount] = useState('');
  const [collection, setCollection] = useState('');
  const [all, setAll] = useState(false);
  const query = new URLSearchParams({ account, collection, which: all ? 'all' : 'open' });
  const { asked, again } = useAsked(`/admin/refusals?${query.toString()}`, isRefusals);
  const people = useAsked('/admin/users', isUsers).asked;
  const users = people?.ok === true ? people.value.users : [];
  const [open, setOpen] = useState<RefusalLine>();
  const [closing, setClosing] = useState<RefusalLine>();
  const [handing, setHanding] = useState<RefusalLine>();
  return (
    <AdminFrame title="Refusals">
      <div className="admin-bar">
        <NativeSelect
          size="xs"
          aria-label="Author"
          value={account}
          data={[{ value: '', label: 'Of everybody' }, ...users.map(({ id, name }) => ({ value: id, label: name }))]}
          onChange={(event) => setAccount(event.currentTarget.value)}
        />
        <NativeSelect
          size="xs"
          aria-label="Kind of record"
          value={collection}
          data={[{ value: '', label: 'Every kind' }, ...nouns.map(({ entity }) => ({ value: entity.collection, label: entity.labels }))]}
          onChange={(event) => setCollection(event.currentTarget.value)}
        />
        <Switch size="xs" label="Closed ones too" checked={all} onChange={(event) => setAll(event.currentTarget.checked)} />
      </div>
      <Answered asked={asked}>
        {({ refusals, more }) =>
          refusals.length === 0 ? (
            <p className="quiet">
              Nothing. What somebody&apos;s device sends and the server does not accept appears here until it is closed.
            </p>
          ) : (
            <>
              <RefusalTable refusals={refusals} mayClose={mayClose} onOpen={setOpen} onHand={setHanding} onClose={setClosing} />
              {more ? (
                <p className="quiet">These are the newest hundred. Close what is dealt with, or choose an author, to see older ones.</p>
              ) : null}
            </>
          )
        }
      </Answered>
      {open === undefined ? null : <ContentDialog refusal={open} onClose={() => setOpen(undefined)} />}
      {handing === undefined ? null : (
        <HandBackDialog refusal={handing} users={users} onDone={again} onClose={() => setHanding(undefined)} />
      )}
      {closing === undefined ? null : (
        <Question
          title={closing.closedAt === null ? 'Close this refusal?' : 'Open this refusal again?'}
          text={
            closing.closedAt === null
              ? `It leaves this list. ${closing.accountName} keeps the entry in the own inbox until the change is mended or discarded there.`
              : 'It comes back into this list.'
          }
          action={closing.closedAt === null ? 'Close it' : 'Open it'}
          withReason
          onClose={() => setClosing(undefined)}
          onDo={async (reason) => {
            const body = { number: closing.number, closed: closing.closedAt === null, reason };
            const answer = await ask(session, '/admin/refusals/settle', isDone, body);
            again();
            return answer.ok ? '' : answer.message;
          }}
        />
      )}
    </AdminFrame>
  );
}

function stateOf({ closedAt, closedBy, closedReason, handedTo, handedAt, accountName }: RefusalLine): string {
  if (closedAt !== null) return `Closed by ${closedBy ?? ''}${closedReason === '' ? '' : `: ${closedReason ?? ''}`}`;
  if (handedAt === null || handedTo === null) return 'Open';
  return `Handed ${handedTo === accountName ? 'back ' : ''}to ${handedTo}, ${showInstant(handedAt)}`;
}

interface TableProps {
  readonly refusals: readonly RefusalLine[];
  readonly mayClose: boolean;
  readonly onOpen: (refusal: RefusalLine) => void;
  readonly onHand: (refusal: RefusalLine) => void;
  readonly onClose: (refusal: RefusalLine) => void;
}
function RefusalTable({ refusals, mayClose, onOpen, onHand, onClose }: TableProps) {
  return (
    <div className="panel admin-table">
      <PlainTable columns={['When', 'Author', 'Record', 'Why', 'State', ACTIONS]}>
        {refusals.map((refusal) => (
          <tr key={refusal.number}>
            <td className="nowrap">{showInstant(refusal.at)}</td>
            <td className="nowrap">{refusal.accountName}</td>
            <td>
              <button type="button" className="link-button" onClick={() => onOpen(refusal)}>
                {`${kindOf(refusal.collection)} ${refusal.title === '' ? refusal.id : refusal.title}`}
              </button>
            </td>
            <td>{refusal.message === '' ? refusal.code : refusal.message}</td>
            <td>{stateOf(refusal)}</td>
            <td className="nowrap">
              {mayClose ? (
                <>
                  {refusal.closedAt === null ? (
                    <RowButton name={`Hand over number ${refusal.number}`} onClick={() => onHand(refusal)}>
                      Hand over
                    </RowButton>
                  ) : null}
                  <RowButton
                    name={`${refusal.closedAt === null ? 'Close' : 'Open'} number ${refusal.number}`}
                    onClick={() => onClose(refusal)}
                  >
                    {refusal.closedAt === null ? 'Close' : 'Open again'}
                  </RowButton>
                </>
              ) : null}
            </td>
          </tr>
        ))}
      </PlainTable>
    </div>
  );
}

function ContentDialog({ refusal, onClose }: { readonly refusal: RefusalLine; readonly onClose: () => void }) {
  const { asked } = useAsked(`/admin/refusal?number=${refusal.number}`, isRefusal);
  return (
    <Dialog title={`${kindOf(refusal.collection)} ${refusal.title === '' ? refusal.id : refusal.title}`} size="lg" onClose={onClose}>
      <p className="quiet">
        {refusal.accountName}, {showInstant(refusal.at)}, from {refusal.device}
        {refusal.deleted ? '. The author had deleted the record.' : ''}
      </p>
      <Answered asked={asked}>{(answer) => <RefusedContent answer={answer} />}</Answered>
    </Dialog>
  );
}
