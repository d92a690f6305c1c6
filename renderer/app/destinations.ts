/** Every place of the desk: the navigation, the palette and the G-keys read this one list. */
import {
  IconArrowsExchange,
  IconBuildingFactory2,
  IconBuildingStore,
  IconClipboardList,
  IconClipboardText,
  IconFileImport,
  IconId,
  IconInbox,
  IconMapPin,
  IconMeat,
  IconReceipt2,
  IconRefresh,
  IconRoute,
  IconSettings,
  IconTrash,
  IconTruck,
  IconUser,
} from '@tabler/icons-react';
import type { FunctionComponent } from 'react';

export interface Destination {
  readonly name: string;
  readonly to: string;
  readonly icon: FunctionComponent<{ size?: number; stroke?: number; 'aria-hidden'?: 'true' }>;
  /** After `g`. */
  readonly key?: string;
  /** Face whose records can be made from here. */
  readonly face?: string;
}
export interface DestinationGroup {
  readonly name: string;
  readonly places: readonly Destination[];
}

const face = (name: string, key: string, icon: Destination['icon'], shortcut?: string): Destination => ({
  name,
  to: `/${key}`,
  face: key,
  icon,
  ...(shortcut === undefined ? {} : { key: shortcut }),
});

export const destinations: readonly DestinationGroup[] = [
  {
    name: 'Partners',
    places: [
      face('Suppliers', 'suppliers', IconBuildingStore, 's'),
      face('Customers', 'customers', IconReceipt2, 'c'),
      face('Carriers', 'carriers', IconTruck, 't'),
      face('Plants', 'plants', IconBuildingFactory2, 'p'),
      face('Locations', 'locations', IconMapPin, 'l'),
      face('Contacts', 'contacts', IconUser, 'n'),
    ],
  },
  {
    name: 'Trade',
    places: [
      face('Purchase orders', 'purchase-orders', IconClipboardList, 'o'),
      face('Sales orders', 'sales-orders', IconClipboardText, 'e'),
      face('Mappings', 'mappings', IconRoute, 'm'),
      face('Payment accounts', 'payment-accounts', IconArrowsExchange, 'a'),
      face('Products', 'products', IconMeat, 'd'),
    ],
  },
  {
    name: 'Desk',
    places: [
      { name: 'Inbox', to: '/inbox', icon: IconInbox, key: 'x' },
      face('Profiles', 'profiles', IconId),
      { name: 'Import', to: '/import', icon: IconFileImport, key: 'i' },
      { name: 'Trash', to: '/trash', icon: IconTrash },
      { name: 'Sync', to: '/sync-status', icon: IconRefresh, key: 'y' },
    ],
  },
];
/** Shown to whoever has something to administer. */
export const administration: DestinationGroup = {
  name: 'Company',
  places: [{ name: 'Administration', to: '/administration', icon: IconSettings }],
};
export const allDestinations: readonly Destination[] = destinations.flatMap((group) => group.places);
