export { AddressOwners } from './client-owners';
