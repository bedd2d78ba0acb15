export { eventsBetween, type Trouble } from './events-between';
export { IN_ORDER, type Look, type Sighting, type Subject, type SubjectKind } from './look';
export { ExecutionWatch } from './execution-watch';
export { PolicyWatch } from './policy-watch';
export { sampleEvents } from './sample-events';
export { sayEvent } from './say-event';
export { EVENT_TYPES, type StackEvent, type StackEventType } from './stack-event';
export { lookAround, type Sights, type Watch } from './watch';
export { WorkerWatch } from './worker-watch';
