export { HttpN8nApi } from './http-n8n-api';
export { N8nRefusedError } from './n8n-refused-error';
