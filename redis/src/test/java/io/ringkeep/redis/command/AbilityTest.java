package io.ringkeep.redis.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkeep.redis.EngineVersion;
import io.ringkeep.redis.Job;
import java.util.List;
import org.junit.jupiter.api.Test;

class AbilityTest {
  @Test
  void writing_eachEngine_isWhatItsValuesTake() {
    assertThat(ability("REDIS 6.0.16").writing())
        .containsExactlyInAnyOrder(Job.WRITE_VALUES, Job.WRITE_CONSUMERS_BY_READING);
    assertThat(ability("REDIS 7.0.15").writing())
        .containsExactlyInAnyOrder(Job.WRITE_VALUES, Job.WRITE_CONSUMERS);
    assertThat(ability("VALKEY 9.1.2").writing())
        .containsExactlyInAnyOrder(Job.WRITE_VALUES, Job.WRITE_CONSUMERS, Job.WRITE_FIELD_EXPIRIES);
    assertThat(ability("REDIS 8.8.0").writing())
        .containsExactlyInAnyOrder(
            Job.WRITE_VALUES, Job.WRITE_CONSUMERS, Job.WRITE_FIELD_EXPIRIES, Job.WRITE_ARRAYS);
  }

  @Test
  void writing_beforeAnOlderFollower_isWhatBothUnderstand() {
    assertThat(
            ability("REDIS 8.8.0")
                .withFollowers(List.of(EngineVersion.named("REDIS 6.0.16")))
                .writing())
        .containsExactlyInAnyOrder(Job.WRITE_VALUES, Job.WRITE_CONSUMERS_BY_READING);
  }

  private static Ability ability(String engine) {
    return Ability.of(EngineVersion.named(engine), 512L << 20);
  }
}
