package dev.tunegate.trainer.torch;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes a TorchScript archive: a zip of stored entries that holds the source of one module class and, pickled, the
 * values of its attributes. The same bytes that {@code torch.jit.save} writes, without Python.
 */
final class ModuleArchive {

    private ModuleArchive() {}

    /**
     * @param methods the methods of the class, indented by two spaces
     * @param attributes Boolean, Integer, Double or String by name
     */
    static byte[] write(String methods, Map<String, Object> attributes) {
        Map<String, Object> sorted = new TreeMap<>(attributes);
        sorted.put("training", true);
        StringBuilder source = new StringBuilder("class Ops(Module):\n  __parameters__ = []\n  __buffers__ = []\n");
        sorted.forEach((name, value) -> source.append("  ")
                .append(name)
                .append(" : ")
                .append(typeOf(name, value))
                .append('\n'));
        source.append(methods);

        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            zip.setMethod(ZipOutputStream.STORED);
            put(zip, "data.pkl", pickle(sorted));
            put(zip, "code/__torch__.py", source.toString().getBytes(StandardCharsets.UTF_8));
            put(zip, "constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
            put(zip, "version", "10\n".getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static String typeOf(String name, Object value) {
        if (value instanceof Boolean) {
            return "bool";
        } else if (value instanceof Integer) {
            return "int";
        } else if (value instanceof Double) {
            return "float";
        } else if (value instanceof String) {
            return "str";
        }
        throw new IllegalArgumentException(
                "attribute " + name + " is a " + value.getClass().getName());
    }

    /** Python's pickle, protocol 2: {@code __torch__.Ops.__new__()} and its attributes as the state. */
    private static byte[] pickle(Map<String, Object> attributes) throws IOException {
        var bytes = new ByteArrayOutputStream();
        var out = new DataOutputStream(bytes);
        out.write(new byte[] {(byte) 0x80, 2}); // PROTO 2
        out.writeBytes("c__torch__\nOps\n"); // GLOBAL
        out.writeBytes(")\u0081}("); // EMPTY_TUPLE NEWOBJ EMPTY_DICT MARK
        for (var attribute : attributes.entrySet()) {
            text(out, attribute.getKey());
            Object value = attribute.getValue();
            if (value instanceof Boolean b) {
                out.write(b ? 0x88 : 0x89); // NEWTRUE, NEWFALSE
            } else if (value instanceof Integer i) {
                out.write('J'); // BININT
                out.writeInt(Integer.reverseBytes(i));
            } else if (value instanceof String string) {
                text(out, string);
            } else {
                out.write('G'); // BINFLOAT
                out.writeDouble((Double) value);
            }
        }
        out.writeBytes("ub."); // SETITEMS BUILD STOP
        return bytes.toByteArray();
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.write('X'); // BINUNICODE
        out.writeInt(Integer.reverseBytes(bytes.length));
        out.write(bytes);
    }

    private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
        var entry = new ZipEntry("ops/" + name);
        var crc = new CRC32();
        crc.update(content);
        entry.setCrc(crc.getValue());
        entry.setSize(content.length);
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }
}
