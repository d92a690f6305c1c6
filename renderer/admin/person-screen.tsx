/** One account: who it is, what it may do, what it comes in by, and everything that can be done to it. */
import { Link } from '@tanstack/react-router';
import { useAsked } from '../sync/ask.ts';
import { useOwnRights } from '../ui/own-rights.tsx';
import { Empty } from '../ui/page.tsx';
import { AdminFrame, Answered } from './admin-frame.tsx';
import { isDesks, isRoles, isUsers } from './answers.ts';
import { AccessPanel } from './access-panel.tsx';
import { KeysPanel } from './keys-panel.tsx';
import { PersonDataPanel } from './person-data-panel.tsx';
import { PersonDevices } from './person-devices.tsx';
import { PersonForm } from './person-form.tsx';

export function PersonScreen({ id }: { readonly id: string }) {
  const rights = useOwnRights();
  const { asked, again } = useAsked(`/admin/users?account=${encodeURIComponent(id)}`, isUsers);
  const roles = useAsked('/admin/roles', isRoles).asked;
  const desks = useAsked('/admin/desks', isDesks).asked;
  const user = asked?.ok === true ? asked.value.users[0] : undefined;
  return (
    <AdminFrame title={user?.name ?? 'Account'} subtitle={user?.email ?? ''}>
      <Answered asked={asked}>
        {() =>
          user === undefined ? (
            <Empty>
              There is no such account; perhaps its invitation was withdrawn.{' '}
              <Link to="/administration/$part" params={{ part: 'people' }}>
                All people
              </Link>
            </Empty>
          ) : (
            <div className="admin-columns">
              <div>
                <PersonForm
                  key={`${user.name} ${user.role} ${user.desks.join(' ')}`}
                  user={user}
                  roles={roles?.ok === true ? roles.value.roles : []}
                  desks={desks?.ok === true ? desks.value.desks : []}
                  mayChange={rights.may('users:update')}
                  onSaved={again}
                />
                <AccessPanel user={user} onChanged={again} />
                <PersonDataPanel user={user} onChanged={again} />
              </div>
              <div>
                {rights.may('sessions:read') ? <PersonDevices user={user} onChanged={again} /> : null}
                {rights.may('keys:read') ? <KeysPanel account={user.id} /> : null}
              </div>
            </div>
          )
        }
      </Answered>
    </AdminFrame>
  );
}
