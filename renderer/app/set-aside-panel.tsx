/** Edits that lost against the server's state: nothing that was typed disappears before a person says so. */
import './set-aside.css';
import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { type AnyDocument, allFields } from '../../domain/entity/entity.ts';
import { nounOf } from '../../domain/registry.ts';
import { useDesk, useLive, useRecord } from '../data/live.ts';
import { type KeptEdit, discardEdit, lostKeys, observeSetAside, takeUpEdit } from '../data/set-aside.ts';
import { Dialog } from '../ui/dialog.tsx';
import { useNamed } from '../ui/record-title.ts';
import { showInstant } from '../ui/show-value.ts';
import { ShownValue } from '../ui/shown-value.tsx';
import { useActor } from '../ui/use-submit.tsx';
import { usePort } from '../ui/port.tsx';
import { saveJson } from './save-json.ts';

export function SetAsidePanel() {
  const desk = useDesk();
  const port = usePort();
  const edits = useLive(useMemo(() => observeSetAside(desk), [desk]));
  if (edits.length === 0) return null;
  return (
    <section className="panel sync-panel sync-panel-wide" aria-label="Set aside">
      <h2>Set aside</h2>
      <p>
        The server holds another state of these records than what you wrote here, and has not kept your edits itself. They are kept on this
        device until you use or discard them.
      </p>
      <table className="plain-table set-aside">
        <thead>
          <tr>
            <th scope="col">Record</th>
            <th scope="col">Written</th>
            <th scope="col">What differs: yours and what is stored</th>
            <th scope="col">
              <span className="spoken">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {edits.map((edit) => (
            <EditRow key={edit.number} edit={edit} />
          ))}
        </tbody>
      </table>
      <Button variant="default" mt="sm" onClick={() => void saveJson(port, 'drover-set-aside', { device: desk.deviceId, edits })}>
        Save to a file
      </Button>
    </section>
  );
}

function EditRow({ edit }: { readonly edit: KeptEdit }) {
  const desk = useDesk();
  const actor = useActor();
  const named = useNamed(edit.collection, edit.id);
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState(false);
  const entity = nounOf(edit.collection)?.entity;
  const { record, deleted } = useRecord(edit.collection, edit.id);
  if (!entity) return null;
  const own = edit.mine[entity.title];
  const title = named.title === '' ? (typeof own === 'string' && own !== '' ? own : entity.label) : named.title;
  const takeUp = async (): Promise<void> => {
    setBusy(true);
    const result = await takeUpEdit(desk, edit, actor).finally(() => setBusy(false));
    if (result.ok) notifications.show({ message: `Your edit of ${title} is saved and will be sent again.`, autoClose: 5000 });
    else notifications.show({ color: 'red', title: `${title} was not changed`, message: result.rejection.message });
  };
  return (
    <tr>
      <td>
        {named.to === undefined ? (
          <span className="strong">{title}</span>
        ) : (
          <Link className="strong" to="/$face/$id" params={named.to}>
            {title}
          </Link>
        )}
        <div className="quiet">{entity.label}</div>
      </td>
      <td>{showInstant(edit.at)}</td>
      <td>
        <Differences edit={edit} stored={record} deleted={deleted} />
      </td>
      <td className="end">
        <span className="set-aside-actions">
          <Button size="compact-xs" loading={busy} aria-label={`Use mine: ${title}`} onClick={() => void takeUp()}>
            Use mine
          </Button>
          <Button size="compact-xs" variant="default" aria-label={`Discard my edit of ${title}`} onClick={() => setAsking(true)}>
            Discard
          </Button>
        </span>
        {asking ? (
          <Dialog title="Discard your edit?" size="sm" onClose={() => setAsking(false)}>
            <p>What you wrote in {title} is removed from this device. The record stays as it is stored.</p>
            <span className="set-aside-actions">
              <Button variant="default" data-autofocus onClick={() => setAsking(false)}>
                Keep it
              </Button>
              <Button color="red" onClick={() => void discardEdit(desk, edit)}>
                Discard
              </Button>
            </span>
          </Dialog>
        ) : null}
      </td>
    </tr>
  );
}

interface DifferencesProps {
  readonly edit: KeptEdit;
  readonly stored: AnyDocument | undefined;
  readonly deleted: boolean;
}

function Differences({ edit, stored, deleted }: DifferencesProps) {
  const entity = nounOf(edit.collection)?.entity;
  if (!entity) return null;
  if (edit.mine['_deleted'] === true)
    return deleted ? <span className="quiet">You deleted it, and it is deleted.</span> : <span>You deleted it; the server kept it.</span>;
  const fields = allFields(entity);
  const now = stored ?? {};
  const keys = lostKeys(entity, edit, deleted && edit.base === undefined ? {} : now);
  return (
    <>
      {deleted ? (
        <div>
          {edit.base === undefined ? 'The server did not take this new record; it is in the trash.' : 'It was deleted in the meantime.'}
        </div>
      ) : null}
      {keys.length === 0 && !deleted ? <span className="quiet">Nothing any more; the record holds what you wrote.</span> : null}
      <dl>
        {keys.map((key) => {
          const field = fields[key];
          return field === undefined ? null : (
            <div key={key}>
              <dt>{field.label}</dt>
              <dd>
                <ins>
                  <ShownValue field={field} value={edit.mine[key]} around={edit.mine} />
                </ins>
                {deleted && edit.base === undefined ? null : (
                  <>
                    {' '}
                    <span className="quiet">
                      stored: <ShownValue field={field} value={now[key as keyof typeof now]} around={now} />
                    </span>
                  </>
                )}
              </dd>
            </div>
          );
        })}
      </dl>
    </>
  );
}
