/** One role: its name, its matrix, and what a change means for whom before it is saved. */
import { Button, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { UserLine } from '../../domain/protocol/admin.ts';
import type { RoleLine } from '../../domain/protocol/protocol.ts';
import { nouns } from '../../domain/registry.ts';
import { ask, useAsked } from '../sync/ask.ts';
import { useSession } from '../sync/session.ts';
import { useOwnRights } from '../ui/own-rights.tsx';
import { Empty } from '../ui/page.tsx';
import { AdminFrame, Answered } from './admin-frame.tsx';
import { isRemoved, isRole, isRoles, isUsers } from './answers.ts';
import { ChangesAndReason } from './changes-and-reason.tsx';
import { Question } from './question.tsx';
import { ApprovalPanel, CompanyPanel, RecordMatrix, labelOf } from './role-matrix.tsx';
import { fieldChanges } from './role-fields.ts';
import { changesOf, concerned } from './role-words.ts';

export function RoleScreen({ name }: { readonly name: string }) {
  const { asked, again } = useAsked('/admin/roles', isRoles);
  const users = useAsked('/admin/users', isUsers).asked;
  const role = asked?.ok === true ? asked.value.roles.find((one) => one.name === name) : undefined;
  return (
    <AdminFrame title={role?.label ?? 'Role'} subtitle={role?.name ?? ''}>
      <Answered asked={asked}>
        {() =>
          role === undefined ? (
            <Empty>There is no role of this name. Choose one from the list of roles.</Empty>
          ) : (
            <RoleEditor
              key={role.revision}
              role={role}
              people={users?.ok === true ? users.value.users.filter((user) => user.role === name && user.state !== 'disabled') : []}
              onSaved={again}
            />
          )
        }
      </Answered>
    </AdminFrame>
  );
}

/** Before a list of changes takes the place of what is changed. */
const SENTENCES = 8;
const shownOf = (sentences: readonly string[]): string[] =>
  sentences.length <= SENTENCES
    ? [...sentences]
    : [...sentences.slice(0, SENTENCES - 1), `And ${sentences.length - SENTENCES + 1} more changes, in the cells above.`];

interface EditorProps {
  readonly role: RoleLine;
  readonly people: readonly UserLine[];
  readonly onSaved: () => void;
}

function RoleEditor({ role, people, onSaved }: EditorProps) {
  const mayChange = useOwnRights().may('roles:update');
  const session = useSession();
  const [label, setLabel] = useState(role.label);
  const [grants, setGrants] = useState(role.grants);
  const [reason, setReason] = useState('');
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const changes = [...changesOf(role.grants, grants, labelOf), ...nouns.flatMap(({ entity }) => fieldChanges(role.grants, grants, entity))];
  const renamed = label.trim() !== role.label ? [`The role is called ${label.trim()} from now on.`] : [];
  const names = people.map((user) => user.name);
  const isChanged = changes.length + renamed.length > 0;
  const save = async (): Promise<void> => {
    setBusy(true);
    // Cells that were put back leave the grants in another order, which is the same role.
    const body = {
      name: role.name,
      label: label.trim(),
      grants: changes.length === 0 ? role.grants : grants,
      revision: role.revision,
      reason: reason.trim(),
    };
    const answer = await ask(session, '/admin/roles', isRole, body).finally(() => setBusy(false));
    setProblem(answer.ok ? '' : answer.message);
    if (!answer.ok) return;
    notifications.show({ message: `The role ${answer.value.label} was changed.` });
    onSaved();
  };
  const matrix = { grants, as: role.grants, disabled: !mayChange, onChange: setGrants };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <div className="admin-bar">
        {mayChange ? (
          <TextInput
            aria-label="Name of the role"
            w={260}
            maxLength={60}
            value={label}
            onChange={(event) => setLabel(event.currentTarget.value)}
          />
        ) : null}
        <span className="quiet">{role.accounts === 1 ? '1 person has it' : `${role.accounts} people have it`}</span>
        {mayChange ? <RemoveRole role={role} onDone={onSaved} /> : null}
      </div>
      <RecordMatrix {...matrix} />
      <ApprovalPanel {...matrix} />
      <CompanyPanel {...matrix} />
      {isChanged || problem !== '' ? (
        <section className="panel admin-panel role-summary" aria-label="What saving changes">
          {isChanged ? (
            <ChangesAndReason
              changes={[...shownOf([...renamed, ...changes]), concerned(names, role.accounts)]}
              reason={reason}
              onReason={setReason}
            />
          ) : null}
          {problem === '' ? null : (
            <p className="field-error" role="alert">
              {problem}
            </p>
          )}
          <div className="admin-bar role-save">
            <Button type="submit" loading={busy} disabled={!isChanged || label.trim() === ''}>
              Save the role
            </Button>
            <Button
              variant="subtle"
              onClick={() => {
                setLabel(role.label);
                setGrants(role.grants);
                setProblem('');
              }}
            >
              Put back
            </Button>
          </div>
        </section>
      ) : null}
    </form>
  );
}

function RemoveRole({ role, onDone }: { readonly role: RoleLine; readonly onDone: () => void }) {
  const session = useSession();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  if (role.seeded && !role.edited) return null;
  const remove = async (reason: string): Promise<string> => {
    const answer = await ask(session, '/admin/roles/remove', isRemoved, { name: role.name, revision: role.revision, reason });
    if (!answer.ok) return answer.message;
    if (role.seeded) onDone();
    else void navigate({ to: '/administration/$part', params: { part: 'roles' } });
    return '';
  };
  return (
    <>
      <Button variant="default" onClick={() => setAsking(true)}>
        {role.seeded ? 'Back to how it came' : 'Remove the role'}
      </Button>
      {asking ? (
        <Question
          title={role.seeded ? `Bring ${role.label} back to how it came?` : `Remove ${role.label}?`}
          text={
            role.seeded
              ? 'The role may do again what it may do in a fresh Drover, and nothing else. It changes what its people may do at once.'
              : 'A role can be removed when nobody has it. Entries of the audit keep its name.'
          }
          action={role.seeded ? 'Bring it back' : 'Remove it'}
          withReason
          danger
          onClose={() => setAsking(false)}
          onDo={remove}
        />
      ) : null}
    </>
  );
}
