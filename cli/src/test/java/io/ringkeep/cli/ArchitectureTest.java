package io.ringkeep.cli;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.GeneralCodingRules;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZonedDateTime;
import java.util.Date;
import java.util.concurrent.ThreadLocalRandom;

/// Who may know whom, and who may touch what (ARCHITECTURE.md, section 7).
@AnalyzeClasses(packages = "io.ringkeep", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String OURS = "io.ringkeep..";
  private static final String MODEL = "io.ringkeep.model..";
  private static final String REDIS = "io.ringkeep.redis..";
  private static final String REPOSITORY = "io.ringkeep.repository..";
  private static final String STORE = "io.ringkeep.store..";
  private static final String PLACEMENT = "io.ringkeep.placement..";
  private static final String ERASURE = "io.ringkeep.erasure..";
  private static final String NODES = "io.ringkeep.nodes..";
  private static final String CLIENT = "io.ringkeep.client";
  private static final String CLIENT_REPOSITORY = "io.ringkeep.client.repository..";
  private static final String CLI = "io.ringkeep.cli..";
  private static final String TESTKIT = "io.ringkeep.testkit..";

  private static DescribedPredicate<JavaClass> oursBut(String... packages) {
    return resideInAPackage(OURS).and(DescribedPredicate.not(resideInAnyPackage(packages)));
  }

  @ArchTest
  static final ArchRule modelKnowsNobody =
      noClasses()
          .that()
          .resideInAPackage(MODEL)
          .should()
          .dependOnClassesThat(oursBut(MODEL))
          .because("the shared words must hold for whoever shares them");

  @ArchTest
  static final ArchRule redisKnowsServersAlone =
      noClasses()
          .that()
          .resideInAPackage(REDIS)
          .should()
          .dependOnClassesThat(oursBut(REDIS, MODEL))
          .because("another kind of cache is to stand beside it one day");

  @ArchTest
  static final ArchRule repositoryKnowsRecordsAlone =
      noClasses()
          .that()
          .resideInAPackage(REPOSITORY)
          .should()
          .dependOnClassesThat(oursBut(REPOSITORY, STORE, MODEL))
          .because("a repository keeps records by position, not what their bytes mean to a server");

  @ArchTest
  static final ArchRule storeKnowsKeysAndBytes =
      noClasses()
          .that()
          .resideInAPackage(STORE)
          .should()
          .dependOnClassesThat(oursBut(STORE, MODEL))
          .because("a store knows keys and bytes, not what they mean");

  @ArchTest
  static final ArchRule placementKnowsNodesAlone =
      noClasses()
          .that()
          .resideInAPackage(PLACEMENT)
          .should()
          .dependOnClassesThat(oursBut(PLACEMENT, MODEL))
          .because("who holds which piece follows from nodes and names, not from what a piece is");

  @ArchTest
  static final ArchRule erasureKnowsBytesAlone =
      noClasses()
          .that()
          .resideInAPackage(ERASURE)
          .should()
          .dependOnClassesThat(oursBut(ERASURE))
          .because("any program is to rebuild pieces by the same few pages");

  @ArchTest
  static final ArchRule nodesAreAStoreLikeOthers =
      noClasses()
          .that()
          .resideInAnyPackage(MODEL, REDIS, REPOSITORY, STORE, PLACEMENT, ERASURE)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(NODES)
          .because("a repository does not know whether its store is one place or many");

  @ArchTest
  static final ArchRule clientStaysSmall =
      noClasses()
          .that()
          .resideInAPackage(CLIENT)
          .should()
          .dependOnClassesThat(oursBut(CLIENT, MODEL, PLACEMENT))
          .because("applications of any age depend on it");

  @ArchTest
  static final ArchRule nobodyKnowsTheLibraryForApplications =
      noClasses()
          .that()
          .resideOutsideOfPackage(CLIENT_REPOSITORY)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(CLIENT_REPOSITORY)
          .because("it stands on top of everything, beside the command line");

  @ArchTest
  static final ArchRule nobodyKnowsTheCommandLine =
      noClasses()
          .that()
          .resideOutsideOfPackage(CLI)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(CLI)
          .because("a daemon is to call the same plans and runs");

  @ArchTest
  static final ArchRule commandLineAndLibraryLeaveTheWorkToCore =
      noClasses()
          .that()
          .resideInAnyPackage(CLI, CLIENT_REPOSITORY)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.ringkeep.redis.replication..",
              "io.ringkeep.redis.resp..",
              "io.ringkeep.capture..",
              "io.ringkeep.repository.run..",
              "io.ringkeep.repository.object..",
              "io.ringkeep.repository.lock..")
          .because(
              "the command line has verbs, rendering and exit codes, and no decision;"
                  + " the library for applications has their words");

  @ArchTest
  static final ArchRule testkitKnowsNothingOfTheProduct =
      noClasses()
          .that()
          .resideInAPackage(TESTKIT)
          .should()
          .dependOnClassesThat(oursBut(TESTKIT))
          .because("an oracle must not share the mistakes of what it judges");

  @ArchTest
  static final ArchRule onlyTheDemoUsesTheTestkit =
      noClasses()
          .that()
          .resideOutsideOfPackages(TESTKIT, "io.ringkeep.cli.demo..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(TESTKIT)
          .because("a product does not run on its test tools; the demo starts servers with them");

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices()
          .matching("io.ringkeep.(*)..")
          .should()
          .beFreeOfCycles()
          .because("a reader needs an order to read in");

  @ArchTest
  static final ArchRule onlyRedisDialsServers =
      noClasses()
          .that()
          .resideOutsideOfPackages("io.ringkeep.redis", "io.ringkeep.client", TESTKIT)
          .should()
          .dependOnClassesThat()
          .resideInAPackage("redis.clients..")
          .because(
              "logins, TLS and error replies are read in one place, and in the library for applications");

  @ArchTest
  static final ArchRule rdbBytesNeedNoNetwork =
      noClasses()
          .that()
          .resideInAPackage("io.ringkeep.redis.rdb..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.net..", "io.ringkeep.redis.replication..")
          .because("RDB bytes come from files as they come from servers");

  @ArchTest
  static final ArchRule ciphersStayInTheRepository =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "io.ringkeep.repository.crypto..", "io.ringkeep.repository.object..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("javax.crypto..")
          .because("whoever reviews the encryption reviews two packages");

  @ArchTest
  static final ArchRule timeIsGiven =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("io.ringkeep.cli.Main")
          .should()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(Instant.class, "now")
          .orShould()
          .callMethod(Clock.class, "systemUTC")
          .orShould()
          .callMethod(Clock.class, "systemDefaultZone")
          .orShould()
          .callMethod(LocalDateTime.class, "now")
          .orShould()
          .callMethod(ZonedDateTime.class, "now")
          .orShould()
          .callConstructor(Date.class)
          .because("time is a parameter: tests set it, and nobody mixes up whose clock it was");

  @ArchTest
  static final ArchRule chanceIsGiven =
      noClasses()
          .that()
          .resideOutsideOfPackage(TESTKIT)
          .should()
          .callMethod(ThreadLocalRandom.class, "current")
          .orShould()
          .callMethod(Math.class, "random")
          .because("what chance decides must be repeatable from a seed, or come from SecureRandom");

  @ArchTest
  static final ArchRule onlyTheConsolePrints =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("io.ringkeep.cli.session.Console")
          .should(GeneralCodingRules.ACCESS_STANDARD_STREAMS)
          .because("standard output holds the answer and nothing else");

  @ArchTest
  static final ArchRule nobodyLogsBesideTheAnswer =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.util.logging..", "org.slf4j..")
          .because("what went on is told by Progress, what went wrong by an error");

  @ArchTest
  static final ArchRule onlyMainExits =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("io.ringkeep.cli.Main")
          .should()
          .callMethod(System.class, "exit", int.class)
          .because("an exit status is decided once, where a failure is put into words");

  @ArchTest
  static final ArchRule programsAreStartedAsScratchServersAlone =
      noClasses()
          .that()
          .resideOutsideOfPackages("io.ringkeep.scratch..", TESTKIT)
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.lang.ProcessBuilder")
          .because("a backup starts no program on anybody's machine");
}
