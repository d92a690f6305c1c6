/** Everybody who may come in: who they are, what they may do, when they were last here. */
import { Button, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useDeferredValue, useState } from 'react';
import type { DeskLine, UserLine } from '../../domain/protocol/admin.ts';
import type { RoleLine } from '../../domain/protocol/protocol.ts';
import { useAsked } from '../sync/ask.ts';
import { useOwnRights } from '../ui/own-rights.tsx';
import { showInstant } from '../ui/show-value.ts';
import { AdminFrame, Answered } from './admin-frame.tsx';
import { isDesks, isRoles, isUsers } from './answers.ts';
import { InviteDialog } from './invite-dialog.tsx';
import { deskNames, stateOf } from './people-words.ts';
import { PlainTable } from '../ui/plain-table.tsx';

const NO_ROLES: readonly RoleLine[] = [];
const NO_DESKS: readonly DeskLine[] = [];

export function PeopleScreen() {
  const rights = useOwnRights();
  const users = useAsked('/admin/users', isUsers);
  const roles = useAsked('/admin/roles', isRoles);
  const desks = useAsked('/admin/desks', isDesks);
  const [inviting, setInviting] = useState(false);
  const [typed, setTyped] = useState('');
  const wanted = useDeferredValue(typed.trim().toLowerCase());
  const allRoles = roles.asked?.ok === true ? roles.asked.value.roles : NO_ROLES;
  const allDesks = desks.asked?.ok === true ? desks.asked.value.desks : NO_DESKS;
  return (
    <AdminFrame
      title="People"
      actions={
        rights.may('users:invite') ? (
          <Button disabled={allRoles.length === 0 || desks.asked?.ok !== true} onClick={() => setInviting(true)}>
            Invite
          </Button>
        ) : null
      }
    >
      <Answered asked={users.asked}>
        {({ users: all }) => (
          <>
            <div className="admin-bar">
              <TextInput
                aria-label="Find people"
                placeholder="Name, address, role or desk"
                w={260}
                value={typed}
                onChange={(event) => setTyped(event.currentTarget.value)}
              />
              <span className="quiet">{all.length === 1 ? '1 account' : `${all.length} accounts`}</span>
            </div>
            <PeopleTable users={all} roles={allRoles} desks={allDesks} wanted={wanted} />
          </>
        )}
      </Answered>
      {inviting ? <InviteDialog roles={allRoles} desks={allDesks} onInvited={users.again} onClose={() => setInviting(false)} /> : null}
    </AdminFrame>
  );
}

interface PeopleTableProps {
  readonly users: readonly UserLine[];
  readonly roles: readonly RoleLine[];
  readonly desks: readonly DeskLine[];
  /** In small letters; '' for all. */
  readonly wanted: string;
}
function PeopleTable({ users, roles, desks, wanted }: PeopleTableProps) {
  const labelOf = (role: string): string => roles.find(({ name }) => name === role)?.label ?? role;
  const found = users.filter((user) =>
    [user.name, user.email, labelOf(user.role), deskNames(desks, user.desks), stateOf(user).text].join(' ').toLowerCase().includes(wanted),
  );
  if (found.length === 0) return <p className="quiet">Nobody is like that. Clear the field to see all.</p>;
  return (
    <div className="panel admin-table">
      <PlainTable columns={['Name', 'E-mail', 'Role', 'Desks', 'State', 'Second factor', { name: 'Devices', end: true }, 'Last seen']}>
        {found.map((user) => (
          <tr key={user.id}>
            <td className="strong nowrap">
              <Link to="/administration/people/$id" params={{ id: user.id }}>
                {user.name}
              </Link>
            </td>
            <td>{user.email}</td>
            <td className="nowrap">{labelOf(user.role)}</td>
            <td>{deskNames(desks, user.desks)}</td>
            <td className="nowrap">
              <StateTag user={user} />
            </td>
            <td>{user.secondFactor ? 'Yes' : 'No'}</td>
            <td className="end">{user.devices}</td>
            <td className="nowrap">{user.lastSeen === null ? 'Never' : showInstant(user.lastSeen)}</td>
          </tr>
        ))}
      </PlainTable>
    </div>
  );
}

export function StateTag({ user }: { readonly user: UserLine }) {
  const { text, tone } = stateOf(user);
  return (
    <span className="tag" data-tone={tone}>
      {text}
    </span>
  );
}
