/** Which page of administration an address means. */
import { Navigate, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useOwnRights } from '../ui/own-rights.tsx';
import { Empty } from '../ui/page.tsx';
import { AdminFrame, parts } from './admin-frame.tsx';
import { AuditScreen } from './audit-screen.tsx';
import { DesksScreen } from './desks-screen.tsx';
import { HealthScreen } from './health-screen.tsx';
import { ImportsScreen } from './imports-screen.tsx';
import { OptionsScreen } from './options-screen.tsx';
import { PeopleScreen } from './people-screen.tsx';
import { PersonScreen } from './person-screen.tsx';
import { RefusalsScreen } from './refusals-screen.tsx';
import { RetentionScreen } from './retention-screen.tsx';
import { RoleScreen } from './role-screen.tsx';
import { RolesScreen } from './roles-screen.tsx';
import { SeriesScreen } from './series-screen.tsx';
import { SettingsScreen } from './settings-screen.tsx';

const screens: Readonly<Record<(typeof parts)[number]['part'], ReactNode>> = {
  people: <PeopleScreen />,
  desks: <DesksScreen />,
  audit: <AuditScreen />,
  roles: <RolesScreen />,
  refusals: <RefusalsScreen />,
  imports: <ImportsScreen />,
  settings: <SettingsScreen />,
  options: <OptionsScreen />,
  retention: <RetentionScreen />,
  numbers: <SeriesScreen />,
  health: <HealthScreen />,
};

export function AdminHome() {
  const rights = useOwnRights();
  const first = parts.find(({ needs }) => rights.may(needs));
  return first ? <Navigate to="/administration/$part" params={{ part: first.part }} replace /> : <NotForYou />;
}

export function AdminPart() {
  const { part = '' } = useParams({ strict: false });
  const found = parts.find((one) => one.part === part);
  return found ? (
    screens[found.part]
  ) : (
    <AdminFrame title="Administration">
      <Empty>This address leads nowhere. Choose a page above.</Empty>
    </AdminFrame>
  );
}

export function AdminPerson() {
  const { id = '' } = useParams({ strict: false });
  return <PersonScreen key={id} id={id} />;
}

export function AdminRole() {
  const { id = '' } = useParams({ strict: false });
  return <RoleScreen key={id} name={id} />;
}

function NotForYou() {
  return (
    <AdminFrame title="Administration">
      <Empty>This page is for administrators. Your role allows nothing of it; whoever administers your company can change that.</Empty>
    </AdminFrame>
  );
}
