/** Every view of the desk, one line a noun. */
import { contactView } from '../contact/contact.view.ts';
import { locationView } from '../location/location.view.ts';
import { mappingView } from '../mapping/mapping.view.ts';
import { orderView } from '../order/order.view.ts';
import { partyView } from '../party/party.view.ts';
import { productView } from '../product/product.view.ts';
import { profileView } from '../profile/profile.view.ts';
import { receivableView } from '../receivable/receivable.view.ts';
import { ViewBook } from '../ui/view-book.tsx';

export const viewBook = new ViewBook([
  partyView,
  locationView,
  contactView,
  orderView,
  mappingView,
  receivableView,
  productView,
  profileView,
]);
