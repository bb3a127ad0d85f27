package dev.tunegate.gateway.serving;

import static dev.tunegate.gateway.db.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tunegate.gateway.config.EngineConfig;
import dev.tunegate.gateway.config.EngineKind;
import dev.tunegate.gateway.db.TestDatabase;
import dev.tunegate.gateway.serving.EngineModelStore.Claimed;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Several gateways look after one engine without doing anything twice. */
class EngineModelStoreTest {
    private static final String ADAPTER = "blob-a";
    private static final List<String> ADAPTERS = List.of(ADAPTER, "blob-b");
    /** The inventory of an engine that has just been started. */
    private static final Set<String> NOTHING = Set.of();

    private final TestDatabase database = new TestDatabase();
    private final EngineModelStore one = store("base");
    private final EngineModelStore other = store("base");

    @BeforeEach
    void oneModel() {
        database.insertJob("ftjob-aaaaaaaaaaaaaaaaaaaaaaaa", "p", "base");
        database.execute("""
            insert into models (id, project, job_id, base_model, adapter_blob)
            values ('ft:base:p::12345678', 'p', 'ftjob-aaaaaaaaaaaaaaaaaaaaaaaa', 'base', 'blob-a'),
                   ('ft:base:p::12345678:ckpt-step-3', 'p', 'ftjob-aaaaaaaaaaaaaaaaaaaaaaaa', 'base', 'blob-a'),
                   ('ft:elsewhere:p::12345678', 'p', 'ftjob-aaaaaaaaaaaaaaaaaaaaaaaa', 'elsewhere', 'blob-b');
            """);
        await(one.enroll());
        await(other.enroll());
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void aModelUnderAllItsNamesAndItsBaseHaveOneRowEach() {
        assertThat(await(one.list(ADAPTERS))).containsOnlyKeys("", ADAPTER);
        assertThat(await(one.find("p", "ft:base:p::12345678")))
                .isEqualTo(await(other.find("p", "ft:base:p::12345678:ckpt-step-3")))
                .isPresent();
        assertThat(await(one.find("other", "ft:base:p::12345678"))).isEmpty();
        assertThat(await(one.find("p", "base")).orElseThrow().name()).isEqualTo("base-there");
    }

    @Test
    void noTwoGetTheSame() {
        Set<Long> claimed = new HashSet<>();
        claimed.add(claim(one).number());
        claimed.add(claim(other).number());
        assertThat(claimed).hasSize(2);
        assertThat(await(one.claim(NOTHING))).isEmpty();
        assertThat(await(one.isAnyDue())).isFalse();
    }

    @Test
    void whoLosesItsLeaseWritesNothing() {
        Claimed lost = claim(one);
        Claimed held = claim(one);
        await(one.ready(held));
        database.advance(Duration.ofSeconds(5));
        assertThat(await(other.claim(NOTHING))).isEmpty();
        database.advance(Duration.ofSeconds(26));
        Claimed again = claimOf(other, lost.number());
        assertThat(again.attempt()).isEqualTo(lost.attempt() + 1);
        await(one.ready(lost));
        await(one.remove(lost));
        assertThat(await(one.list(ADAPTERS)).values())
                .extracting(ModelState::state)
                .contains("loading");
        await(other.ready(again));
        assertThat(await(one.list(ADAPTERS)).values())
                .extracting(ModelState::state)
                .containsOnly("ready");
    }

    @Test
    void aLeaseThatIsRenewedIsKept() {
        Claimed first = claim(one);
        Claimed second = claim(one);
        database.advance(Duration.ofSeconds(25));
        await(one.renew(first));
        await(one.renew(second));
        database.advance(Duration.ofSeconds(25));
        assertThat(await(other.claim(NOTHING))).isEmpty();
    }

    @Test
    void whatTheEngineStillHasIsLookedAtAgainInTenSeconds() {
        await(one.ready(claim(one)));
        await(one.ready(claim(one)));
        assertThat(await(one.isAnyDue())).isFalse();
        database.advance(Duration.ofSeconds(11));
        await(one.confirm(Set.of("base-there")));
        assertThat(claim(one).adapterBlob()).isEqualTo(ADAPTER);
        assertThat(await(one.claim(NOTHING))).isEmpty();
    }

    @Test
    void aReadyModelThatTheEngineHasStaysReadyWhileItIsLookedAt() {
        Claimed base = readyAndClaimedAgain();
        assertThat(stateOfBase()).isEqualTo("ready");
        await(one.notReady(base, EngineProblem.passing("busy")));
        assertThat(stateOfBase()).isEqualTo("waiting");
        database.advance(Duration.ofSeconds(16));
        assertThat(claimBase(Set.of("base-there")).number()).isEqualTo(base.number());
        assertThat(stateOfBase()).as("it has failed since").isEqualTo("loading");
    }

    @Test
    void aReadyModelThatTheEngineHasLostIsLoading() {
        await(one.ready(claim(one)));
        await(one.ready(claim(one)));
        database.advance(Duration.ofSeconds(11));
        claim(one);
        claim(one);
        assertThat(await(one.list(ADAPTERS)).values())
                .extracting(ModelState::state)
                .containsOnly("loading");
    }

    @Test
    void aLookThatBeganBeforeADoubtSaysNothing() {
        Claimed before = readyAndClaimedAgain();
        await(other.doubt("base-there"));
        assertThat(stateOfBase()).isEqualTo("waiting");
        await(one.ready(before));
        await(one.notReady(before, EngineProblem.lasting("it has no such model")));
        assertThat(stateOfBase()).isEqualTo("waiting");
        assertThat(claimBase(NOTHING).attempt()).isGreaterThan(before.attempt());
    }

    @Test
    void aDeletedModelIsUnloadedEvenIfTheEngineHasIt() {
        await(one.ready(claim(one)));
        await(one.ready(claim(one)));
        String name = await(one.find("p", "ft:base:p::12345678")).orElseThrow().name();
        database.execute("update models set deleted_at = tunegate_now()");
        assertThat(await(one.claim(Set.of(name))).orElseThrow().isDeleted()).isTrue();
    }

    @Test
    void aLookUnderAnOldNameOfTheBaseModelSaysNothing() {
        Claimed before = claimBase(NOTHING);
        await(store("base", "renamed").enroll());
        await(one.ready(before));
        assertThat(stateOfBase()).isEqualTo("waiting");
    }

    @Test
    void pausesGrowUpToALimit() {
        Claimed base = claim(one);
        Claimed model = claim(one);
        await(one.notReady(base, EngineProblem.passing("away")));
        await(one.notReady(model, EngineProblem.lasting("no")));
        assertThat(await(one.list(ADAPTERS)).get(model.adapterBlob() == null ? "" : ADAPTER))
                .isEqualTo(ModelState.of(EngineKind.VLLM, "failed", "no"));
        for (int i = 0; i < 12; i++) {
            database.advance(Duration.ofMinutes(6));
            await(one.notReady(claim(one), EngineProblem.passing("away")));
            await(one.notReady(claim(one), EngineProblem.passing("away")));
        }
        assertThat(await(one.isAnyDue())).isFalse();
        database.advance(Duration.ofSeconds(16));
        claim(one);
        claim(one);
    }

    @Test
    void aDeletedModelIsToBeUnloadedAtOnce() {
        await(one.ready(claim(one)));
        await(one.ready(claim(one)));
        database.execute("update models set deleted_at = tunegate_now() where id = 'ft:base:p::12345678'");
        assertThat(await(one.isAnyDue())).as("it has another name").isFalse();
        database.execute("update models set deleted_at = tunegate_now()");
        await(one.confirm(Set.of("base-there")));
        Claimed deleted = claim(one);
        assertThat(deleted.isDeleted()).isTrue();
        await(one.notReady(deleted, EngineProblem.passing("away")));
        assertThat(await(one.isAnyDue())).as("it waits for its next try").isFalse();
        database.advance(Duration.ofSeconds(16));
        await(one.remove(claimOf(one, deleted.number())));
        await(one.enroll());
        assertThat(await(one.list(ADAPTERS))).containsOnlyKeys("");
    }

    @Test
    void anotherNameOfTheBaseModelBeginsAnew() {
        await(one.ready(claim(one)));
        await(one.ready(claim(one)));
        await(store("base", "renamed").enroll());
        assertThat(claim(one).name()).isEqualTo("renamed");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "update servings set name = 'tunegate-aaaaaaaaaaaaaaaaaaaaaaaa' where adapter_blob is not null | stays",
                "update servings set state = 'failed', reason = null                                         |"
                        + " reason_when_failed",
                "update servings set state = 'ready', reason = 'x'                                           |"
                        + " no_reason_when_ready",
                "update servings set state = 'unloading' where adapter_blob is null                          |"
                        + " base_models_stay",
                "update servings set state = 'elsewhere'                                                     |"
                        + " state_check",
                "insert into servings (engine, base_url, base_model, adapter_blob, name) values ('vllm', 'u', 'b',"
                        + " 'a', '../x') | names",
            })
    void rowsThatContradictThemselvesAreRefused(String change, String complaint) {
        assertThatThrownBy(() -> database.execute(change)).hasMessageContaining(complaint);
    }

    private EngineModelStore store(String baseModel) {
        return store(baseModel, baseModel + "-there");
    }

    private EngineModelStore store(String baseModel, String nameThere) {
        var entry = EngineFixture.serving(EngineKind.VLLM, "http://127.0.0.1:9", null, null);
        return new EngineModelStore(
                database.database(),
                new EngineConfig(
                        baseModel,
                        entry.engine(),
                        entry.baseUrl(),
                        null,
                        nameThere,
                        null,
                        entry.timeout(),
                        entry.loadTimeout()));
    }

    private static Claimed claim(EngineModelStore store) {
        return await(store.claim(NOTHING)).orElseThrow();
    }

    /** The base model, which was ready and is looked at again by an engine that has it. */
    private Claimed readyAndClaimedAgain() {
        await(one.ready(claim(one)));
        await(one.ready(claim(one)));
        database.advance(Duration.ofSeconds(11));
        return claimBase(Set.of("base-there"));
    }

    private Claimed claimBase(Set<String> inventory) {
        Claimed claimed = await(one.claim(inventory)).orElseThrow();
        return claimed.adapterBlob() == null
                ? claimed
                : await(one.claim(inventory)).orElseThrow();
    }

    private String stateOfBase() {
        return await(one.find("p", "base")).orElseThrow().state().state();
    }

    private static Claimed claimOf(EngineModelStore store, long number) {
        Optional<Claimed> claimed = await(store.claim(NOTHING));
        while (claimed.isPresent() && claimed.get().number() != number) {
            await(store.ready(claimed.get()));
            claimed = await(store.claim(NOTHING));
        }
        return claimed.orElseThrow();
    }
}
