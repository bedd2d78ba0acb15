export { exchange, NoAnswerError, type HttpAnswer, type HttpRequest } from './exchange';
export { within } from './within';
