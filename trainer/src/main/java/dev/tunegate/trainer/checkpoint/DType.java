package dev.tunegate.trainer.checkpoint;

/** The element types a safetensors file may name; weights are read from the floating ones. */
public enum DType {
    F64(8),
    F32(4),
    F16(2),
    BF16(2),
    I64(8),
    I32(4),
    I16(2),
    I8(1),
    U8(1),
    BOOL(1);

    private final int bytes;

    DType(int bytes) {
        this.bytes = bytes;
    }

    /** Whether a model's weights may be stored so. */
    public boolean isWeight() {
        return this == F32 || this == F16 || this == BF16;
    }

    /** The size of one element. */
    public int bytes() {
        return bytes;
    }
}
