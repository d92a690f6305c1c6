/** The roles of the company. */
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { RoleLine } from '../../domain/protocol/protocol.ts';
import { useAsked } from '../sync/ask.ts';
import { useOwnRights } from '../ui/own-rights.tsx';
import { AdminFrame, Answered } from './admin-frame.tsx';
import { isRoles } from './answers.ts';
import { FactorDutyPanel } from './factor-duty-panel.tsx';
import { NewRoleDialog } from './new-role-dialog.tsx';
import { PlainTable } from '../ui/plain-table.tsx';

const originOf = ({ seeded, edited }: RoleLine): string =>
  seeded ? (edited ? 'Comes with Drover, changed here' : 'Comes with Drover') : 'Made here';

export function RolesScreen() {
  const mayChange = useOwnRights().may('roles:update');
  const { asked, again } = useAsked('/admin/roles', isRoles);
  const [making, setMaking] = useState(false);
  const roles = asked?.ok === true ? asked.value.roles : [];
  return (
    <AdminFrame
      title="Roles"
      actions={
        mayChange ? (
          <Button disabled={roles.length === 0} onClick={() => setMaking(true)}>
            New role
          </Button>
        ) : null
      }
    >
      <Answered asked={asked}>
        {({ roles: all }) => (
          <div className="panel admin-table">
            <PlainTable columns={['Name', 'Short name', { name: 'People', end: true }, 'Where it comes from']}>
              {all.map((role) => (
                <tr key={role.name}>
                  <td className="strong">
                    <Link to="/administration/roles/$id" params={{ id: role.name }}>
                      {role.label}
                    </Link>
                  </td>
                  <td>{role.name}</td>
                  <td className="end">{role.accounts}</td>
                  <td>{originOf(role)}</td>
                </tr>
              ))}
            </PlainTable>
          </div>
        )}
      </Answered>
      <FactorDutyPanel mayChange={mayChange} />
      {making ? <NewRoleDialog roles={roles} onMade={again} onClose={() => setMaking(false)} /> : null}
    </AdminFrame>
  );
}
