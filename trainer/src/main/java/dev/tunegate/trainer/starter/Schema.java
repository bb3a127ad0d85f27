package dev.tunegate.trainer.starter;

import java.util.List;

/** A made-up table: fields that hold names and fields that hold numbers. */
record Schema(String table, List<String> textFields, List<String> numberFields) {}
