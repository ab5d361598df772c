#!/usr/bin/env bash
# openapi-generator 7.26.0 (PyPI: openapi-generator-cli), generator kotlin with its defaults
# (jvm-okhttp4, moshi).
#
# A property that is an enum of integers becomes an enum class whose members are named by
# strings (@Json(name = "401")). It compiles, but no answer with such a property can be read at
# run time, although the value is one of those listed:
#
#     Expected one of [401, 410] but was 401 at path $.status
#
# and what is written has the string "401" where the document has an integer.
# With serializationLibrary=jackson the same document is read.
#
# Needs python3, Java 17 and Maven. Exits 0 while that is so, 1 once it changes.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv tool
tool/bin/pip install --quiet --disable-pip-version-check openapi-generator-cli==7.26.0

cat >api.yaml <<'YAML'
openapi: 3.0.3
info: {title: A problem, version: "1"}
servers: [{url: http://localhost}]
paths:
  /problem:
    get:
      operationId: getProblem
      responses:
        "200":
          description: What is in the way.
          content: {application/json: {schema: {$ref: '#/components/schemas/Problem'}}}
components:
  schemas:
    Problem:
      type: object
      required: [status]
      properties:
        status: {type: integer, enum: [401, 410]}
YAML
tool/bin/openapi-generator-cli generate -g kotlin -i api.yaml -o client >generate.log 2>&1
tool/bin/openapi-generator-cli version

mkdir -p src/main/kotlin
cp -r client/src/main/kotlin/. src/main/kotlin/
cat >src/main/kotlin/Read.kt <<'KT'
import org.openapitools.client.infrastructure.Serializer
import org.openapitools.client.models.Problem

fun main() {
    val problems = Serializer.moshi.adapter(Problem::class.java)
    println("written: " + problems.toJson(Problem(Problem.Status._401)))
    try {
        println("read: " + problems.fromJson("""{"status": 401}"""))
    } catch (e: com.squareup.moshi.JsonDataException) {
        println("not read: " + e.message)
    }
}
KT
cat >pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>org.example</groupId><artifactId>read</artifactId><version>1</version>
  <properties>
    <kotlin.version>2.4.0</kotlin.version>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <dependencies>
    <dependency><groupId>org.jetbrains.kotlin</groupId><artifactId>kotlin-reflect</artifactId><version>${kotlin.version}</version></dependency>
    <dependency><groupId>com.squareup.moshi</groupId><artifactId>moshi-kotlin</artifactId><version>1.15.2</version></dependency>
    <dependency><groupId>com.squareup.moshi</groupId><artifactId>moshi-adapters</artifactId><version>1.15.2</version></dependency>
    <dependency><groupId>com.squareup.okhttp3</groupId><artifactId>okhttp-jvm</artifactId><version>5.4.0</version></dependency>
  </dependencies>
  <build>
    <sourceDirectory>src/main/kotlin</sourceDirectory>
    <plugins>
      <plugin>
        <groupId>org.jetbrains.kotlin</groupId><artifactId>kotlin-maven-plugin</artifactId><version>${kotlin.version}</version>
        <executions><execution><phase>compile</phase><goals><goal>compile</goal></goals></execution></executions>
        <configuration><jvmTarget>17</jvmTarget></configuration>
      </plugin>
      <plugin>
        <groupId>org.codehaus.mojo</groupId><artifactId>exec-maven-plugin</artifactId><version>3.5.0</version>
        <configuration><mainClass>ReadKt</mainClass></configuration>
      </plugin>
    </plugins>
  </build>
</project>
XML
mvn --quiet --batch-mode compile exec:java >out.txt 2>&1 || { cat out.txt; exit 1; }
cat out.txt

grep -qF 'written: {"status":"401"}' out.txt && grep -qF 'not read: Expected one of [401, 410] but was 401 at path $.status' out.txt || {
	echo 'it is otherwise now'
	exit 1
}
