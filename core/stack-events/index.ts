export { eventsBetween, type Trouble } from './events-between';
export { IN_ORDER, type Look, type Sighting, type Subject, type SubjectKind } from './look';
export { PolicyWatch } from './policy-watch';
export { EVENT_TYPES, type StackEvent, type StackEventType } from './stack-event';
