using System.Text.Json.Serialization;

namespace SnapBackup.Archive.Format;

/// <summary>The JSON of manifests: indented, for whoever finds an archive and no program to read it.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(UnverifiedManifest))]
internal sealed partial class ManifestJson : JsonSerializerContext;
