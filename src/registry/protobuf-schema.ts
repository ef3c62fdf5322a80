import protobuf from 'protobufjs';
import type {
  ProtobufField,
  ProtobufMessage,
  ProtobufScalar,
  ProtobufType,
} from '../trade/protobuf-message.ts';

/**
 * The messages of a .proto file, in its order, read by protobufjs. `imports` are files that it imports; those of
 * Google's that come with every compiler are known. Throws what protobufjs says of a file that is none.
 */
export function protobufMessages(
  file: string,
  imports: readonly { readonly name: string; readonly text: string }[] = [],
): ProtobufMessage[] {
  const root = new protobuf.Root();
  const own = messagesOf(packageOf(protobuf.parse(file, root, OPTIONS), root));
  for (const { text } of imports) protobuf.parse(text, root, OPTIONS);
  for (const name of WELL_KNOWN) {
    if (root.lookup(`google.protobuf.${name}`) === null) root.addJSON(builtIn(name));
  }
  resolveAsFarAsPossible(root);
  const conversion = new Conversion();
  return own.map((type) => conversion.messageOf(type));
}

/** Names as they stand in the file, which is how a pipeline names them. */
const OPTIONS = { keepCase: true };

/** In the order of the file: by their places in it a record says which of them it is. */
function messagesOf(parent: protobuf.NamespaceBase): protobuf.Type[] {
  return parent.nestedArray.filter((each) => each instanceof protobuf.Type);
}

function packageOf({ package: name }: protobuf.IParserResult, root: protobuf.Root): protobuf.NamespaceBase {
  const found = name === undefined || name === '' ? root : root.lookup(name);
  return found instanceof protobuf.Namespace ? found : root;
}

const WELL_KNOWN = ['Timestamp', 'DoubleValue'];

function builtIn(name: string): Record<string, protobuf.AnyNestedObject> {
  const file = name === 'Timestamp' ? 'google/protobuf/timestamp.proto' : 'google/protobuf/wrappers.proto';
  return protobuf.common.get(file)?.nested ?? {};
}

/** An import that the registry does not have is no loss where no part of a trade is of its types. */
function resolveAsFarAsPossible(root: protobuf.Root): void {
  try {
    root.resolveAll();
  } catch {
    // Each field is resolved once more by itself, and one that cannot be is of a type that nobody knows.
  }
}

/** From protobufjs's types to ours. Messages are kept while they are made: they may hold themselves. */
class Conversion {
  readonly #made = new Map<protobuf.Type, ProtobufMessage>();

  messageOf(type: protobuf.Type): ProtobufMessage {
    const made = this.#made.get(type);
    if (made !== undefined) return made;
    const fields: ProtobufField[] = [];
    const messages: ProtobufMessage[] = [];
    const message = { name: type.fullName.replace(/^\./, ''), fields, messages };
    this.#made.set(type, message);
    fields.push(...type.fieldsArray.map((field) => this.#fieldOf(field)));
    messages.push(...messagesOf(type).map((inner) => this.messageOf(inner)));
    return message;
  }

  #fieldOf(field: protobuf.Field): ProtobufField {
    const { name, id: number, repeated } = field;
    const type = this.#typeOf(field);
    return { name, number, repeated, hasPresence: field.hasPresence, type };
  }

  #typeOf(field: protobuf.Field): ProtobufType {
    if (field instanceof protobuf.MapField || field.map) return { kind: 'map' };
    if (SCALARS.has(field.type)) return { kind: field.type as ProtobufScalar };
    const type = resolvedType(field);
    if (type instanceof protobuf.Enum)
      return {
        kind: 'enum',
        names: new Map(Object.entries(type.values).map(([name, value]) => [value, name])),
      };
    if (type instanceof protobuf.Type) return { kind: 'message', message: this.messageOf(type) };
    return { kind: 'message', message: { name: field.type, fields: [], messages: [] } };
  }
}

function resolvedType(field: protobuf.Field): protobuf.Type | protobuf.Enum | null {
  try {
    return field.resolve().resolvedType;
  } catch {
    return null; // of an import that is not there
  }
}

const SCALARS: ReadonlySet<string> = new Set<ProtobufScalar>([
  'double',
  'float',
  'int32',
  'int64',
  'uint32',
  'uint64',
  'sint32',
  'sint64',
  'fixed32',
  'fixed64',
  'sfixed32',
  'sfixed64',
  'bool',
  'string',
  'bytes',
]);
