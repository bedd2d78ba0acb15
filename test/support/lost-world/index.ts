export { LostWorld } from './lost-world';
