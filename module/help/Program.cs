using System.Reflection;
using SnapBackup.Help;

// HelpWriter <assembly of cmdlets> <MAML file to write>; the XML docs and all dependencies stand beside the assembly.
var assembly = Assembly.LoadFrom(args[0]);
var docs = XmlDocs.Load(Path.ChangeExtension(args[0], ".xml"));
var cmdlets = assembly.GetExportedTypes().Select(CmdletModel.TryRead).OfType<CmdletModel>().OrderBy(cmdlet => cmdlet.Name, StringComparer.Ordinal);
Directory.CreateDirectory(Path.GetDirectoryName(args[1])!);
MamlWriter.Write(cmdlets, docs).Save(args[1]);
