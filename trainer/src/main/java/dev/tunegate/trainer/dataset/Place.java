package dev.tunegate.trainer.dataset;

/**
 * Where in a file a line stands, for messages about it.
 *
 * @param file the file
 * @param example which example it is, from 1
 * @param line which line it is, from 1; more than the example where blank lines came before
 */
record Place(DataFile file, int example, long line) {

    /** A fault of the line: {@code Example 7 …}. */
    InvalidDataset invalid(String what) {
        return file.invalid("Invalid file format. " + this + " " + what);
    }

    /** A fault of one of its messages, from 1: {@code Example 7, message 2 …}. */
    InvalidDataset invalidMessage(String list, int message, String what) {
        String within = list.equals("messages") ? "message " + message : list + " message " + message;
        return file.invalid("Invalid file format. %s, %s %s".formatted(this, within, what));
    }

    @Override
    public String toString() {
        return example == line ? "Example " + example : "Example %d (line %d)".formatted(example, line);
    }
}
