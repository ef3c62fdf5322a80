import { stringify } from 'yaml';

/** Objects as the documents of one YAML file, values as they are: no anchors, no folded lines. */
export function yamlText(objects: readonly object[]): string {
  return objects
    .map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false }))
    .join('---\n');
}
