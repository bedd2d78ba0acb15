export { auditSchedules, type ScheduleAuditRequest, type SchedulesPage } from './audit-schedules';
export { auditWorkflow, hasSchedule, type AuditOptions } from './audit-workflow';
export { clockTime, type ClockTime } from './clock-time';
export { matchFires, type MatchedFires } from './match-fires';
export { scheduleTriggerRules } from './schedule-trigger-rules';
export { AUDIT_VERDICTS, type AuditVerdict, type WorkflowAudit } from './workflow-audit';
