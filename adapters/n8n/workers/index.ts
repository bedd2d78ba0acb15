export { PubSubWorkerCommands } from './pub-sub-worker-commands';
