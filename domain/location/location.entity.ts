/** A place where goods are made, kept, loaded or received: plants with EST numbers, supplier locations, ship-tos, offices. */
import { type DocumentOf, defineEntity } from '../entity/entity.ts';
import { choice, date, flag, integer, percent, pounds, ref, set, text, texts } from '../entity/field.ts';
import { lookup } from '../vocabulary/dataverse.ts';
import { certificates, loadRequirements } from '../vocabulary/partner.ts';
import { appointmentMethods, proteins, releaseFormats } from '../vocabulary/trade.ts';

export const locationKinds = {
  plant: 'Plant',
  supplier_location: 'Supplier location',
  cold_store: 'Cold store',
  ship_to: 'Ship-to',
  office: 'Office',
  other: 'Other',
} as const;

export const location = defineEntity({
  noun: 'location',
  collection: 'locations',
  label: 'Location',
  labels: 'Locations',
  title: 'name',
  personal: ['contactName', 'manager'],
  fields: {
    name: text('Name', {
      required: true,
      index: true,
      max: 850,
      aliases: ['cr7c4_plantname', 'Plant Name', 'pro_locationname', 'Location Name', 'Establishment Name', 'Company'],
    }),
    kind: choice('Kind of location', locationKinds, { required: true }),
    establishment: text('EST number', {
      index: true,
      max: 200,
      aliases: ['Establishment Number', 'Est. number', 'EST', 'plant_est_num', 'plant_est_number', 'Plant EST'],
      hint: 'As registered, such as M86K+P86K',
    }),
    establishments: texts('EST components', { max: 40, each: 40, computed: true, hint: 'The EST number split at the plus signs' }),
    establishmentKeys: text('EST search keys', { max: 800, computed: true, hint: 'Every way people type the EST number' }),
    partyId: ref('Supplier or customer', 'parties', {
      index: true,
      aliases: lookup('pro_supplier_lookup', 'Supplier_LookUp', 'Supplier', 'cr7c4_supplierid', '_cr7c4_supplierid_value', 'Party'),
      hint: 'Whose location it is',
    }),
    secondPartyId: ref('Second supplier', 'parties', { aliases: lookup('pro_supplier_lookup2', 'Supplier_LookUp2') }),
    code: text('Code', { max: 60 }),
    dbas: texts('Doing business as', { max: 200, each: 300, aliases: ['DBA', 'DBAs', 'Other names'] }),

    street: text('Street', { max: 500, aliases: ['Address', 'pro_address', 'Street address'] }),
    city: text('City', { max: 100 }),
    state: text('State', { max: 100, aliases: ['pro_state', 'State or province'] }),
    postalCode: text('Postal code', { max: 20, aliases: ['Zip', 'Zip code'] }),
    country: text('Country', { max: 100 }),
    county: text('County', { max: 100 }),
    place: text('Place as written', { max: 200, aliases: ['Location', 'cr7c4_location'], hint: 'Free text such as "Dodge City, KS"' }),
    latitude: integer('Latitude', { least: -90_000_000, most: 90_000_000, aliases: ['Lat'], hint: 'Millionths of a degree' }),
    longitude: integer('Longitude', {
      least: -180_000_000,
      most: 180_000_000,
      aliases: ['Long', 'Lng', 'Lon'],
      hint: 'Millionths of a degree',
    }),
    timezone: text('Time zone', { max: 50, format: 'timezone' }),
    contactName: text('Contact name', { max: 200 }),
    phone: text('Phone', { max: 100, format: 'phone', aliases: ['Telephone', 'contact_phone'] }),
    phoneExtension: text('Phone extension', { max: 20 }),
    email: text('E-mail', { max: 254, format: 'email', aliases: ['contact_email'] }),
    manager: text('Manager', { max: 200 }),

    locationType: choice(
      'Location type',
      {
        headquarters: 'Headquarters',
        warehouse: 'Warehouse',
        distribution_center: 'Distribution center',
        processing_plant: 'Processing plant',
        office: 'Office',
        facility: 'Facility',
        corporate: 'Corporate',
        pickup: 'Pickup',
        cold_store: 'Cold store',
      },
      { aliases: ['Type of location'] },
    ),
    proteins: set('Proteins', proteins, {
      aliases: ['cr7c4_planttype', 'Plant Type', 'Protein', 'Species'],
      hint: 'The replaced "plant type" of Dataverse',
    }),
    facilityKinds: set(
      'Facility kinds',
      {
        processing: 'Processing',
        warehouse: 'Warehouse',
        distribution: 'Distribution',
        cold_storage: 'Cold storage',
        retail: 'Retail',
        vertical: 'Vertical',
        processor: 'Processor',
        distributor: 'Distributor',
        renderer: 'Renderer',
        other: 'Other',
      },
      { aliases: ['Facility kind', 'Type of plant'], hint: 'The "plant type" of the web system' },
    ),
    releaseNumber: text('Release number', { max: 100, aliases: ['cr7c4_releasenumber'] }),
    releaseFormat: choice('Release number rule', releaseFormats, {}),
    loadRequirements: set('Load pickup requirements', loadRequirements, {
      aliases: ['cr7c4_loadpickuprequirements', 'Load Pick Up Requirements'],
    }),
    storage: set(
      'Storage',
      {
        internal_cold: 'Internal Cold',
        outside_cold: 'Outside Cold',
        refrigerated: 'Refrigerated',
        frozen: 'Frozen',
        dry: 'Dry',
        ambient: 'Ambient',
      },
      { aliases: ['cr7c4_storage'] },
    ),
    coldStore: flag('Is a cold store', { aliases: ['Cold storage'] }),
    capacity: pounds('Weekly capacity', {}),

    activities: texts('Activities', { max: 60, each: 200, aliases: ['Activity'], hint: 'What FSIS granted inspection for' }),
    size: choice('Size', { large: 'Large', small: 'Small', very_small: 'Very Small' }, {}),
    fsisDistrict: text('FSIS district', { max: 20, aliases: ['District'] }),
    fsisCircuit: text('FSIS circuit', { max: 20, aliases: ['Circuit'] }),
    grantedOn: date('Inspection granted', { aliases: ['Grant Date'] }),
    fipsCode: text('County FIPS code', { max: 10, aliases: ['FIPS Code'] }),
    dunsNumber: text('DUNS number', { max: 20, aliases: ['DUNS'] }),
    statusSince: date('Status since', { hint: 'Since when the plant is active or inactive' }),
    certificates: set('Certificates', certificates, {}),
    exportCountries: texts('Export eligible for', { max: 100, aliases: ['Export countries'] }),

    appointmentMethod: choice('Appointment method', appointmentMethods, {}),
    dockHours: text('Dock hours', { max: 500 }),
    pickupRules: text('Pickup rules', { max: 5000, long: true, hint: 'Pickup number, lumper, protective gear, seal' }),
    receivingRules: text('Receiving rules', { max: 5000, long: true }),
    maxTemperature: integer('Highest product temperature', { least: -1000, most: 2000, hint: 'Tenths of a degree Fahrenheit' }),
    maxAgeDays: integer('Oldest goods accepted', { most: 3650, hint: 'Days since the pack date' }),
    minRemainingLife: percent('Least remaining shelf life', { most: 10_000 }),
    notes: text('Notes', { max: 20_000, long: true }),
  },
  together: [
    ['street', 'city', 'state', 'postalCode', 'country'],
    ['latitude', 'longitude'],
  ],
  indexes: [
    ['kind', 'name'],
    ['kind', 'establishment'],
  ],
  views: [
    { name: 'plants', where: { kind: 'plant' } },
    { name: 'supplier_locations', where: { kind: 'supplier_location' } },
    { name: 'cold_stores', where: { kind: 'cold_store' } },
    { name: 'ship_tos', where: { kind: 'ship_to' } },
    { name: 'location_list' },
  ],
});
export type Location = DocumentOf<typeof location>;
