/** Legal holds, and removing what has been kept long enough. */
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import type { HoldLine, HoldsAnswer, TrashCount } from '../../domain/protocol/admin.ts';
import { nouns } from '../../domain/registry.ts';
import { ask, useAsked } from '../sync/ask.ts';
import { useSession } from '../sync/session.ts';
import { useOwnRights } from '../ui/own-rights.tsx';
import { showInstant } from '../ui/show-value.ts';
import { AdminFrame, Answered } from './admin-frame.tsx';
import { isHold, isHolds, isPurged, isTrashCount, isTrashPurged } from './answers.ts';
import { Question } from './question.tsx';
import { ACTIONS, PlainTable } from '../ui/plain-table.tsx';
import { AuditPurgePanel } from './audit-purge-panel.tsx';
import { AskDialog } from './ask-dialog.tsx';
import { RecordPersonPanel } from './record-person-panel.tsx';
import { RowButton } from '../ui/row-button.tsx';

const kindOf = (collection: string): string => nouns.find(({ entity }) => entity.collection === collection)?.entity.label ?? collection;

export function RetentionScreen() {
  const session = useSession();
  const mayChange = useOwnRights().may('retention:update');
  const { asked, again } = useAsked('/admin/holds', isHolds);
  const [placing, setPlacing] = useState(false);
  const [lifting, setLifting] = useState<HoldLine>();
  return (
    <AdminFrame title="Retention" actions={mayChange ? <Button onClick={() => setPlacing(true)}>Place a hold</Button> : null}>
      <Answered asked={asked}>
        {(answer) => (
          <>
            <PurgePanel answer={answer} mayPurge={mayChange} onDone={again} />
            <TrashPanel mayPurge={mayChange} />
            <AuditPurgePanel mayPurge={mayChange} />
            <HoldsPanel holds={answer.holds} onLift={mayChange ? setLifting : undefined} />
            <RecordPersonPanel />
          </>
        )}
      </Answered>
      {placing ? <HoldDialog onPlaced={again} onClose={() => setPlacing(false)} /> : null}
      {lifting === undefined ? null : (
        <Question
          title={`Lift the hold on ${kindOf(lifting.collection)} ${lifting.id}?`}
          text="What has been kept long enough may then be removed by the next purge. The hold stays in this list as lifted."
          action="Lift it"
          withReason
          danger
          onClose={() => setLifting(undefined)}
          onDo={async (reason) => {
            const answer = await ask(session, '/admin/holds/lift', isHold, { number: lifting.number, reason });
            again();
            return answer.ok ? '' : answer.message;
          }}
        />
      )}
    </AdminFrame>
  );
}

interface PurgeProps {
  readonly answer: HoldsAnswer;
  readonly mayPurge: boolean;
  readonly onDone: () => void;
}
function PurgePanel({ answer: { due, held }, mayPurge, onDone }: PurgeProps) {
  const session = useSession();
  const [asking, setAsking] = useState(false);
  return (
    <section className="panel admin-panel" aria-labelledby="purge">
      <h2 id="purge">Refused changes</h2>
      <p>
        {due === 0 ? 'None has been kept long enough to go' : `${due} have been kept long enough and may go`}
        {held === 0 ? '.' : `; ${held} more are held.`} How long that is stands under Settings. The server removes them once a day.
      </p>
      {mayPurge && due > 0 ? (
        <Button variant="default" onClick={() => setAsking(true)}>
          Remove them
        </Button>
      ) : null}
      {asking ? (
        <Question
          title={`Remove ${due} refused changes?`}
          text="They are gone for good, but for what the audit says of them. What a hold keeps stays."
          action="Remove them"
          danger
          onClose={() => setAsking(false)}
          onDo={async () => {
            const answer = await ask(session, '/admin/purge', isPurged, {});
            if (answer.ok) notifications.show({ message: `${answer.value.purged} refused changes were removed.` });
            onDone();
            return answer.ok ? '' : answer.message;
          }}
        />
      ) : null}
    </section>
  );
}

/** What stays although its time is over, in words. */
function keptWords({ held, used }: TrashCount): string {
  const parts = [
    ...(held === 0 ? [] : [`${held} ${held === 1 ? 'is' : 'are'} held`]),
    ...(used === 0 ? [] : [`${used} ${used === 1 ? 'is' : 'are'} needed by other records`]),
  ];
  return parts.length === 0 ? '' : `; ${parts.join(', ')}`;
}

function TrashPanel({ mayPurge }: { readonly mayPurge: boolean }) {
  const session = useSession();
  const { asked, again } = useAsked('/admin/trash', isTrashCount);
  const [asking, setAsking] = useState(false);
  return (
    <section className="panel admin-panel" aria-labelledby="trash">
      <h2 id="trash">Trash</h2>
      <Answered asked={asked}>
        {(count) => (
          <>
            <p>
              {count.due === 0 ? 'Nothing has been deleted long enough to go' : `${count.due} deleted records may go`}
              {keptWords(count)}. Deleted records are kept for {count.days} days, those of a transaction until two years after its year;
              then the server removes them, once a day.
            </p>
            {mayPurge && count.due > 0 ? (
              <Button variant="default" onClick={() => setAsking(true)}>
                Remove them now
              </Button>
            ) : null}
            {asking ? (
              <Question
                title={`Remove ${count.due} deleted records for good?`}
                text="Their content goes from the server and from every device. The audit keeps what it says of them for its own time."
                action="Remove them"
                withReason
                danger
                onClose={() => setAsking(false)}
                onDo={async (reason) => {
                  const answer = await ask(session, '/admin/purge/trash', isTrashPurged, { reason });
                  again();
                  return answer.ok ? '' : answer.message;
                }}
              />
            ) : null}
          </>
        )}
      </Answered>
    </section>
  );
}

function HoldsPanel({ holds, onLift }: { readonly holds: readonly HoldLine[]; readonly onLift: ((hold: HoldLine) => void) | undefined }) {
  return (
    <section className="panel admin-panel" aria-labelledby="holds">
      <h2 id="holds">Legal holds</h2>
      {holds.length === 0 ? (
        <p className="quiet">None. A hold keeps a record, and everything that names it, from being purged until it is lifted.</p>
      ) : (
        <div className="admin-table">
          <PlainTable columns={['Record', 'Why', 'Placed', 'State', ACTIONS]}>
            {holds.map((hold) => (
              <tr key={hold.number}>
                <td className="strong">
                  {kindOf(hold.collection)} {hold.id}
                </td>
                <td>{hold.reason}</td>
                <td className="nowrap">
                  {showInstant(hold.placedAt)} by {hold.placedBy}
                </td>
                <td>
                  {hold.liftedAt === null
                    ? 'Stands'
                    : `Lifted ${showInstant(hold.liftedAt)} by ${hold.liftedBy ?? ''}: ${hold.liftedReason ?? ''}`}
                </td>
                <td>
                  {hold.liftedAt === null && onLift !== undefined ? (
                    <RowButton name={`Lift the hold on ${hold.id}`} onClick={() => onLift(hold)}>
                      Lift
                    </RowButton>
                  ) : null}
                </td>
              </tr>
            ))}
          </PlainTable>
        </div>
      )}
    </section>
  );
}

function HoldDialog({ onPlaced, onClose }: { readonly onPlaced: () => void; readonly onClose: () => void }) {
  const session = useSession();
  const [collection, setCollection] = useState('parties');
  const [id, setId] = useState('');
  const [reason, setReason] = useState('');
  const place = async () => {
    const body = { collection, id: id.trim(), reason: reason.trim() };
    const answer = await ask(session, '/admin/holds', isHold, body);
    if (answer.ok) {
      onPlaced();
      onClose();
    }
    return answer;
  };
  return (
    <AskDialog
      title="Place a legal hold"
      action="Place the hold"
      ready={id.trim() !== '' && reason.trim() !== ''}
      fields={['id', 'reason']}
      onSend={place}
      onClose={onClose}
    >
      {(at) => (
        <>
          <NativeSelect
            size="xs"
            label="Kind of record"
            data={nouns.map(({ entity }) => ({ value: entity.collection, label: entity.label }))}
            value={collection}
            onChange={(event) => setCollection(event.currentTarget.value)}
          />
          <TextInput
            label="Id of the record"
            description="The last part of the address of its page. What names a held party or order is held with it."
            value={id}
            onChange={(event) => setId(event.currentTarget.value)}
            {...at('id')}
            data-autofocus
          />
          <TextInput
            label="Reason"
            maxLength={500}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            {...at('reason')}
          />
        </>
      )}
    </AskDialog>
  );
}
