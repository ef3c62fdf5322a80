import { stringify } from 'yaml';

/**
 * Objects as the documents of one YAML file, values as they are: no anchors, no folded lines. It is written for readers
 * of YAML 1.1, which kubectl and Helm are: a bare `no` or `y` would be a boolean to them.
 */
export function yamlText(objects: readonly object[]): string {
  return objects.map((object) => stringify(object, YAML_STYLE)).join('---\n');
}

export const YAML_STYLE = { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false } as const;
