/** The demo company: Meridian Meat Brokers and one week of its deals. */
import type { Draft } from '../../domain/record/record.commands.ts';
import type { SignedInUser } from '../../domain/protocol/protocol.ts';
import { carriers, customers, products, suppliers } from './people.ts';
import { Teller, type Who, storyId } from './teller.ts';
import { type DealStory, deals, notes } from './week.ts';

export interface DemoSignIn {
  readonly who: Who;
  readonly email: string;
  readonly password: string;
}

const dayMs = 86_400_000;
/** Monday of the last full week before `today`, so that every step of the story lies in the past. */
export function storyMonday(today: Date): Date {
  const midnight = Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate());
  const sinceMonday = (today.getUTCDay() + 6) % 7;
  return new Date(midnight - (sinceMonday + 7) * dayMs);
}

class Calendar {
  readonly #monday: Date;
  constructor(monday: Date) {
    this.#monday = monday;
  }
  date(day: number): string {
    return new Date(this.#monday.getTime() + day * dayMs).toISOString().slice(0, 10);
  }
  at(day: number, minutes: number): string {
    return new Date(this.#monday.getTime() + day * dayMs + (13 * 60 + minutes) * 60_000).toISOString();
  }
}

const partyId = (key: string): string => storyId('parties', key);
const placeId = (key: string): string => storyId('locations', key);

async function tellProfiles(teller: Teller, calendar: Calendar, users: ReadonlyMap<Who, SignedInUser>): Promise<void> {
  const jobs: Record<Who, readonly [string, string, string]> = {
    admin: ['Office', 'Office manager', '(312) 555-0100'],
    broker: ['Trading', 'Broker, beef and pork', '(312) 555-0104'],
    field: ['Quality', 'Field buyer', '(312) 555-0107'],
    accounting: ['Accounting', 'Controller', '(312) 555-0109'],
  };
  for (const [who, user] of users) {
    const [department, jobTitle, phone] = jobs[who];
    await teller.create('admin', calendar.at(-3, 0), 'profiles', who, {
      accountId: user.id,
      name: user.name,
      email: user.email,
      department,
      jobTitle,
      phone,
      timezone: 'America/Chicago',
      emailNotifications: true,
    });
  }
}

async function tellSuppliers(teller: Teller, calendar: Calendar): Promise<void> {
  for (const [i, s] of suppliers.entries()) {
    const contact = s.contacts[0];
    await teller.create('accounting', calendar.at(-3, 20 + i), 'receivables', `account-${s.key}`, {
      kind: 'payment_account',
      name: `${s.name} payments`,
      email: `payments@${s.contacts[0]?.[3].split('@')[1] ?? 'drover.example'}`,
      phone: contact?.[2],
      termsText: s.terms.replace('net_', 'Net ').replace('wire_before', 'Wire 1 day prior'),
      agreedTerms: s.terms,
    });
  }
  for (const [i, s] of suppliers.entries()) {
    await teller.create('broker', calendar.at(-3, 40 + i), 'parties', s.key, {
      name: s.name,
      roles: ['supplier'],
      street: s.street,
      city: s.city,
      state: s.state,
      postalCode: s.zip,
      country: 'USA',
      proteins: s.proteins,
      edibility: 'edible',
      certificates: s.certificates,
      deliveryType: s.delivers ? 'delivers' : 'does_not_deliver',
      buyTerms: s.terms,
      buyTermsAnchor: 'invoice',
      creditApplicationSentOn: calendar.date(-40 + i),
      paymentAccountId: storyId('receivables', `account-${s.key}`),
      plantId: placeId(s.plants[0]?.[0] ?? ''),
    });
  }
}

async function tellSupplierPlaces(teller: Teller, calendar: Calendar): Promise<void> {
  for (const s of suppliers) {
    for (const [i, [key, name, establishment, street, city, state, zip, protein]] of s.plants.entries()) {
      await teller.create('field', calendar.at(-3, 60 + i), 'locations', key, {
        name,
        kind: 'plant',
        establishment,
        partyId: partyId(s.key),
        street,
        city,
        state,
        postalCode: zip,
        country: 'USA',
        proteins: [protein],
        facilityKinds: ['processing'],
        releaseFormat: 'carrier_release',
        loadRequirements: ['release_number_used', 'forklift_required'],
        storage: ['internal_cold'],
        appointmentMethod: 'email',
        dockHours: 'Mon-Fri 05:00-15:00',
      });
    }
    await teller.create('broker', calendar.at(-3, 70), 'locations', `office-${s.key}`, {
      name: `${s.name} office`,
      kind: 'supplier_location',
      partyId: partyId(s.key),
      street: s.street,
      city: s.city,
      state: s.state,
      postalCode: s.zip,
      country: 'USA',
      locationType: 'headquarters',
      contactName: s.contacts[0]?.[0],
      phone: s.contacts[0]?.[2],
    });
  }
  for (const s of suppliers) {
    for (const [i, [name, position, phone, email]] of s.contacts.entries()) {
      await teller.create('broker', calendar.at(-3, 90 + i), 'contacts', `${s.key}-${i}`, {
        name,
        positions: [position],
        contactType: 'supplier',
        email,
        phone,
        supplierId: partyId(s.key),
        preferredChannel: i === 0 ? 'phone' : 'email',
      });
    }
  }
}

async function tellCustomers(teller: Teller, calendar: Calendar): Promise<void> {
  for (const [i, c] of customers.entries()) {
    await teller.create('broker', calendar.at(-3, 110 + i), 'parties', c.key, {
      name: c.name,
      roles: ['customer'],
      street: c.street,
      city: c.city,
      state: c.state,
      postalCode: c.zip,
      country: 'USA',
      industries: [c.industry],
      documentsNeeded: c.documents,
      sellTerms: c.terms,
      sellTermsAnchor: 'receipt',
      creditLimit: c.limit * 100,
      priceBasis: 'delivered',
    });
  }
  for (const c of customers) {
    await teller.create('broker', calendar.at(-3, 130), 'locations', `dock-${c.key}`, {
      name: `${c.name} receiving`,
      kind: 'ship_to',
      partyId: partyId(c.key),
      street: c.street,
      city: c.city,
      state: c.state,
      postalCode: c.zip,
      country: 'USA',
      receivingRules: 'Appointment needed; pulp temperatures on the POD.',
      maxTemperature: 400,
    });
  }
  for (const c of customers) {
    const [name, phone, email] = c.contact;
    await teller.create('broker', calendar.at(-3, 140), 'contacts', c.key, {
      name,
      positions: ['buyer'],
      contactType: 'customer',
      email,
      phone,
      customerId: partyId(c.key),
    });
  }
}

async function tellCatalogue(teller: Teller, calendar: Calendar): Promise<void> {
  for (const [key, name, city, state, mcNumber, dotNumber, insurer, policyNumber, months, contactName, phone] of carriers) {
    await teller.create('broker', calendar.at(-3, 160), 'parties', key, {
      name,
      roles: ['carrier'],
      city,
      state,
      country: 'USA',
      carrierKind: 'truck',
      mcNumber,
      dotNumber,
      insurer,
      policyNumber,
      contactName,
      phone,
      authority: 'active',
      authorityCheckedOn: calendar.date(-5),
      insuranceExpiresOn: calendar.date(months * 30),
      cargoLimit: 10_000_000,
      hasReefers: true,
      appointmentMethod: 'email',
    });
  }
  for (const [key, name, protein, imps, fatLimitation, refrigeration, pack, caught, least, average, most] of products) {
    await teller.create('broker', calendar.at(-3, 180), 'products', key, {
      name,
      code: key.toUpperCase(),
      protein,
      imps,
      fatLimitation,
      refrigeration,
      package: pack,
      weightBasis: caught ? 'catch' : 'net',
      edibility: 'edible',
      poundsPerCaseMin: least,
      poundsPerCase: average,
      poundsPerCaseMax: most,
      priceUnit: 'lb',
      origin: 'domestic',
      countryOfOrigin: 'usa',
    });
  }
}

function lineOf(deal: DealStory, side: 'buy' | 'sell'): Draft {
  const product = products.find(([key]) => key === deal.product);
  const [, description, protein, , , refrigeration, pack, caught] = product ?? [];
  return {
    lineId: `${deal.number}-1`,
    productId: storyId('products', deal.product),
    description,
    protein,
    refrigeration,
    package: pack,
    edibility: 'edible',
    weightBasis: caught ? 'catch' : 'net',
    cases: deal.cases,
    container: pack === 'combo_bins' ? 'combo' : 'case',
    orderedWeight: deal.weight,
    netWeight: deal.weight,
    weightUnit: 'lb',
    ...(deal.weights === undefined ? {} : { caseWeights: deal.weights }),
    price: side === 'buy' ? deal.buy : deal.sell,
    priceUnit: side === 'buy' ? deal.buyUnit : 'lb',
    priceKind: 'fixed',
    packDateRule: '10',
  };
}

async function tellDeal(teller: Teller, calendar: Calendar, deal: DealStory, i: number): Promise<void> {
  const at = (minutes: number): string => calendar.at(deal.day, 30 + i * 17 + minutes);
  const shared = {
    supplierId: partyId(deal.supplier),
    customerId: partyId(deal.customer),
    originId: placeId(deal.plant),
    destinationId: placeId(`dock-${deal.shipTo}`),
    orderedOn: calendar.date(deal.day),
    pickupOn: calendar.date(deal.day + 2),
    fulfillOn: calendar.date(deal.day + 4),
    currency: 'usd',
    logistics: 'we_pickup',
  };
  const buy = `po-${deal.number}`;
  const sell = `so-${deal.number}`;
  await teller.create('broker', at(0), 'orders', buy, {
    ...shared,
    kind: 'purchase',
    number: deal.number,
    priceBasis: 'fob',
    contactIds: [storyId('contacts', `${deal.supplier}-0`)],
    lines: [lineOf(deal, 'buy')],
  });
  await teller.create('broker', at(2), 'orders', sell, {
    ...shared,
    kind: 'sale',
    number: `S${deal.number}`,
    priceBasis: 'delivered',
    buyOrderIds: [storyId('orders', buy)],
    lines: [lineOf(deal, 'sell')],
    allocations: [
      {
        lineId: `${deal.number}-a`,
        orderLineId: `${deal.number}-1`,
        otherOrderId: storyId('orders', buy),
        otherLineId: `${deal.number}-1`,
        cases: deal.cases,
        weight: deal.weight,
      },
    ],
  });
  for (const [step, stage] of deal.stages.entries()) {
    const confirmed =
      stage === 'confirmed' ? { supplierConfirmationNumber: `C${deal.number.slice(-3)}-${deal.plant.slice(0, 2).toUpperCase()}` } : {};
    await teller.change('broker', at(5 + step * 3), 'orders', buy, { stage, ...confirmed });
  }
  if (deal.stages.includes('freight_booked') || deal.stages.includes('loaded')) {
    await teller.create('broker', at(25), 'orders', `fo-${deal.number}`, {
      kind: 'freight',
      number: `F${deal.number}`,
      carrierId: partyId(deal.carrier),
      originId: placeId(deal.plant),
      destinationId: placeId(`dock-${deal.shipTo}`),
      orderedOn: calendar.date(deal.day),
      pickupOn: calendar.date(deal.day + 2),
      fulfillOn: calendar.date(deal.day + 4),
      currency: 'usd',
      equipment: 'reefer',
      temperatureSetPoint: 280,
      buyOrderIds: [storyId('orders', buy)],
      sellOrderIds: [storyId('orders', sell)],
      lines: [{ lineId: `${deal.number}-f`, description: 'Linehaul, refrigerated', loads: 1, price: 38_500_000, priceUnit: 'load' }],
    });
  }
}

async function tellWeek(teller: Teller, calendar: Calendar): Promise<void> {
  for (const [i, deal] of deals.entries()) await tellDeal(teller, calendar, deal, i);
  const lanes = new Map(deals.map((deal) => [`${deal.supplier}-${deal.customer}`, deal]));
  for (const [key, deal] of lanes) {
    const supplier = suppliers.find((s) => s.key === deal.supplier);
    const customer = customers.find((c) => c.key === deal.customer);
    await teller.create('broker', calendar.at(deal.day, 300), 'mappings', key, {
      name: `${supplier?.name ?? ''} to ${customer?.name ?? ''}`,
      supplierId: partyId(deal.supplier),
      plantId: placeId(deal.plant),
      customerId: partyId(deal.customer),
      contactId: storyId('contacts', `${deal.supplier}-0`),
      orderId: storyId('orders', `po-${deal.number}`),
      documents: customer?.documents ?? [],
      productIds: [storyId('products', deal.product)],
      fromOn: calendar.date(deal.day),
      shipToId: placeId(`dock-${deal.shipTo}`),
    });
  }
  for (const [i, [kind, day, collection, key, title, body]] of notes.entries()) {
    await teller.create('broker', calendar.at(day, 320 + i), 'activities', `note-${i}`, {
      kind,
      title,
      body,
      recordCollection: collection,
      recordId: storyId(collection, collection === 'orders' ? `po-${key}` : key),
      done: kind !== 'task',
    });
  }
  await teller.create('broker', calendar.at(2, 400), 'contacts', 'typed-twice', {
    name: 'Dale Hutchens',
    phone: '(620) 555-0141',
    supplierId: partyId('prairie-crest'),
    contactType: 'supplier',
  });
  await teller.remove('broker', calendar.at(2, 405), 'contacts', 'typed-twice');
}

/** Tells the whole story to the server at `baseUrl`; answers with the number of steps. `today` fixes the week. */
export async function tellStory(baseUrl: string, signIns: readonly DemoSignIn[], today: Date): Promise<number> {
  const teller = new Teller(baseUrl);
  const users = new Map<Who, SignedInUser>();
  for (const { who, email, password } of signIns) users.set(who, await teller.signIn(who, email, password));
  await teller.readEarlier('admin', [
    'profiles',
    'receivables',
    'parties',
    'locations',
    'contacts',
    'products',
    'orders',
    'mappings',
    'activities',
  ]);
  const calendar = new Calendar(storyMonday(today));
  await tellProfiles(teller, calendar, users);
  await tellSuppliers(teller, calendar);
  await tellSupplierPlaces(teller, calendar);
  await tellCustomers(teller, calendar);
  await tellCatalogue(teller, calendar);
  await tellWeek(teller, calendar);
  await teller.flush();
  return teller.steps;
}
