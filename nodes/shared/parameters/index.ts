export { readParameters } from './node-parameters';
