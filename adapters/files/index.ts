export { AuditLog } from './audit-log';
export { FilePlanStore } from './file-plan-store';
export { ownFolder, type OwnFolder } from './own-folder';
export { TokenFile, TokenFileError } from './token-file';
