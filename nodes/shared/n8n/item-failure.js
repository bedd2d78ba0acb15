import { describeFailure } from '../../../core/failure';
/**
 * Reads why an item failed, from wherever n8n and its nodes leave it: the item's own `error`, its json's `error`
 * (an object or a text), or the error of the whole run.
 */
export function failureOfItem(item, runError) {
    const json = item?.json;
    const error = item?.error ?? json?.error ?? runError;
    if (error === undefined || error === null) {
        return { message: 'The protected nodes reported a failure without saying why' };
    }
    return failureOfError(error, headerOf(json?.headers));
}
/** Reads an error thrown or left behind by an n8n node. */
export function failureOfError(error, retryAfter) {
    if (typeof error === 'string')
        return { message: error, retryAfter };
    const { httpCode, errorResponse, response, cause, context } = (error ?? {});
    const plain = describeFailure(error);
    const answer = errorResponse?.response ?? response;
    const status = [httpCode, answer?.status].map(Number).find(isStatus);
    return {
        ...plain,
        message: plain.message || 'Unknown error',
        code: plain.code ??
            (typeof cause?.code === 'string' ? cause.code : undefined),
        statusCode: status ?? plain.statusCode ?? statusInText(plain.message),
        retryAfter: retryAfter ??
            headerOf(answer?.headers) ??
            headerOf(context?.headers),
    };
}
const isStatus = (value) => Number.isInteger(value) && value >= 100 && value <= 599;
/** A sub-workflow's error keeps its status only in the text, as n8n writes it: "Request failed with status code 503". */
function statusInText(message) {
    const found = /\bstatus code (\d{3})\b/.exec(message.slice(0, 1_000)) ?? /^(\d{3}) - /.exec(message);
    return found ? Number(found[1]) : undefined;
}
function headerOf(headers) {
    if (typeof headers !== 'object' || headers === null)
        return undefined;
    for (const [name, value] of Object.entries(headers)) {
        if (name.toLowerCase() === 'retry-after' &&
            (typeof value === 'string' || typeof value === 'number'))
            return String(value);
    }
    return undefined;
}
