export { AuditLog } from './audit-log';
export { dailyRetention } from './daily-retention';
export { FilePlanStore } from './file-plan-store';
export { FileRecoveryRecords } from './file-recovery-records';
export { namesIn } from './names-in';
export { ownFolder, type OwnFolder } from './own-folder';
export { StateUnwritableError } from './write-whole';
export { TokenFileError, TokenFolder } from './token-folder';
