// The entry of `npm run show:recovery`.
import { hasNode24 } from '../cli/has-node24.mjs';

if (hasNode24()) await import('./main.ts');
