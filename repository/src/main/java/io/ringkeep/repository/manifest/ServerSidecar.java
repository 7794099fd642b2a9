package io.ringkeep.repository.manifest;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What belongs to a snapshot beside its records, from one shard's server. It may hold secrets and
/// is therefore stored like data.
///
/// @param shard id of the shard
/// @param functions code of each function library, base64
/// @param moduleAux module data outside of keys, RDB bytes, base64
/// @param config settings as `CONFIG GET *` gives them
/// @param acl lines of `ACL LIST`
/// @param modules loaded modules, name and version
/// @param slotMap the cluster's slot map as text; empty where there is none
public record ServerSidecar(
    String shard,
    List<String> functions,
    List<String> moduleAux,
    Map<String, String> config,
    List<String> acl,
    List<String> modules,
    String slotMap) {
  public ServerSidecar {
    functions = List.copyOf(functions);
    moduleAux = List.copyOf(moduleAux);
    config = Collections.unmodifiableSortedMap(new TreeMap<>(config));
    acl = List.copyOf(acl);
    modules = List.copyOf(modules);
  }
}
