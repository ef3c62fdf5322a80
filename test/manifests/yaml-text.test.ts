import { expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { yamlText } from '../../cdk8s/yaml-text.ts';
import { OBJECT_SETS } from '../support/manifest-objects.ts';

test.each(Object.entries(OBJECT_SETS))(
  '%s reads the same in YAML 1.1, which kubectl knows, and in 1.2',
  (_name, objects) => {
    const text = yamlText(objects);
    for (const version of ['1.1', '1.2'] as const) {
      expect(parseAllDocuments(text, { version }).map((document) => document.toJS() as unknown)).toEqual(
        objects,
      );
    }
  },
);

test('a text that YAML 1.1 would take for something else stands in quotes', () => {
  const [document] = parseAllDocuments(yamlText([{ args: ['no', 'y', 'off', '1:30', '0123'] }]), {
    version: '1.1',
  });
  expect(document.toJS()).toEqual({ args: ['no', 'y', 'off', '1:30', '0123'] });
});
