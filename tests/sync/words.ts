/** Tells a history in plain words, for whoever has to understand why it failed. */
import { type Deed, type Plan, casts } from './plan.ts';

function told(deed: Deed): string {
  switch (deed.do) {
    case 'edit':
      return `the user of d${deed.device} edits something`;
    case 'import':
      return `the user of d${deed.device} imports a file`;
    case 'bad':
      return `a broken program writes a batch on d${deed.device}`;
    case 'offline':
      return `the user of d${deed.device} goes offline`;
    case 'online':
      return `the user of d${deed.device} goes online`;
    case 'crash':
      return `d${deed.device} is killed`;
    case 'update':
      return `d${deed.device} is updated to the servers' version`;
    case 'start':
      return `d${deed.device} is started`;
    case 'kill':
      return `server-${deed.server + 1} is killed`;
    case 'boot':
      return `server-${deed.server + 1} is started`;
    case 'cut':
      return `the streams of server-${deed.server + 1} break`;
    case 'sweep':
      return `server-${deed.server + 1} tries what is parked`;
    case 'clock': {
      const whose = deed.device === undefined ? `server-${(deed.server ?? 0) + 1}` : `d${deed.device}`;
      return `the clock of ${whose} is wrong by ${deed.days} days`;
    }
    case 'rights':
      return `the rights of user-${deed.user} change`;
    case 'save':
      return 'the database is backed up';
    case 'restore':
      return `the backup is put back${deed.sign ? '' : ', and whoever did it begins a new epoch'}`;
    case 'pass':
      return `${deed.milliseconds} ms pass`;
    case 'quiet':
      return 'everybody connects and comes to rest';
  }
}

export function story(plan: Plan): string[] {
  const { devices, cast, network, database, batches, limits, older } = plan;
  const troubles = Object.entries({ ...network, ...database }).filter(([, percent]) => percent > 0);
  return [
    `${devices} devices follow ${casts[cast].join(', ')}${plan.scopes ? ', each what its user may see' : ''}${limits ? ', some without all fields of it' : ''}${older ? `, ${older} with an older version` : ''}; pages of ${batches.pull}, pushes of ${batches.push}`,
    troubles.length === 0 ? 'no troubles' : `troubles, in percent: ${troubles.map(([name, percent]) => `${name} ${percent}`).join(', ')}`,
    ...plan.events.map(
      ({ deed, steps }, i) => `${String(i + 1).padStart(3)}. ${told(deed)}${steps > 0 ? `; then ${steps} things happen` : ''}`,
    ),
  ];
}
