import { memorySymbolPlaces } from '../../src/pipeline/symbol-places.ts';
import { symbolPlacesContract } from './symbol-places.contract.ts';

symbolPlacesContract('in memory', memorySymbolPlaces);
