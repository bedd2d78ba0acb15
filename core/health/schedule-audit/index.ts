export { auditSchedules, type ScheduleAuditRequest, type SchedulesPage } from './audit-schedules';
export { auditWorkflow, hasSchedule, type AuditOptions } from './audit-workflow';
export { clockTime, type ClockTime } from './clock-time';
export { matchFires, type MatchedFires } from './match-fires';
export { scheduleTriggerRules } from './schedule-trigger-rules';
export { MOST_TIMES_TOLD, tellAudit } from './tell-audit';
export { AUDIT_VERDICTS, type AuditVerdict, type WorkflowAudit } from './workflow-audit';
