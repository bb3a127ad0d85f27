package dev.tunegate.gateway.cli.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * What the demo trains on and asks.
 *
 * @param training chat lines, as uploaded
 * @param validation chat lines, as uploaded
 * @param unseen questions that are in neither
 * @param hyperparameters of the job
 */
record DemoDataset(
        List<String> training, List<String> validation, List<Exam.Question> unseen, ObjectNode hyperparameters) {}
