export { SqliteFile } from './sqlite-file';
