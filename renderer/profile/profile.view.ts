import { profile } from '../../domain/profile/profile.entity.ts';
import { defineView, joined } from '../ui/view.ts';
import { AccountControl } from './account-control.tsx';

export const profileView = defineView(profile, {
  subtitle: (document) => joined(document['jobTitle'], document['department'], document['email']),
  widths: { phone: 116, role: 92, status: 80 },
  sections: {
    main: { title: 'Person' },
    work: { title: 'At this desk' },
    device: { title: 'Sign-in and devices', folded: true },
  },
  layout: {
    name: { section: 'main', span: 4 },
    firstName: { section: 'main', span: 2 },
    lastName: { section: 'main', span: 3 },
    username: { section: 'main', span: 3 },
    accountId: { section: 'main', span: 4, control: AccountControl },
    email: { section: 'main', span: 5 },
    phone: { section: 'main', span: 3 },
    jobTitle: { section: 'main', span: 4 },
    department: { section: 'main', span: 4 },
    bio: { section: 'main', span: 12 },
    timezone: { section: 'work', span: 3 },
    theme: { section: 'work', span: 3 },
    defaultView: { section: 'work', span: 3 },
    emailNotifications: { section: 'work', span: 3 },
    brokerCode: { section: 'work', span: 3 },
    approvalLimit: { section: 'work', span: 3 },
    partyId: { section: 'work', span: 6 },
    imageId: { section: 'work', span: 6 },
    role: { section: 'device', span: 2 },
    offlineLockDays: { section: 'device', span: 3, unit: 'days' },
    lastSignInAt: { section: 'device', span: 3 },
    deviceIds: { section: 'device', span: 12 },
  },
  faces: [
    {
      key: 'profiles',
      label: 'Profile',
      labels: 'Profiles',
      columns: ['name', 'jobTitle', 'department', 'email', 'phone', 'role', 'timezone', 'status'],
      spare: ['username', 'brokerCode', 'approvalLimit', 'emailNotifications', 'lastSignInAt', 'modifiedAt'],
      sort: { key: 'name' },
      hub: [],
      empty: 'No profiles on this device yet. They arrive with the first sync, or add one.',
    },
  ],
});
