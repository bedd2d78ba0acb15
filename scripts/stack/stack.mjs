// The entry of `npm run stack`.
import { hasNode24 } from '../cli/has-node24.mjs';

if (hasNode24()) await import('./main.ts');
