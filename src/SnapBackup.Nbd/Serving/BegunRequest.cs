using SnapBackup.Nbd.Buffers;
using SnapBackup.Nbd.Wire;

namespace SnapBackup.Nbd.Serving;

/// <summary>A request that the device did not complete at once, and what it holds.</summary>
/// <param name="Operation">What the device is doing; taken once.</param>
/// <param name="Request">The request.</param>
/// <param name="Reply">The reply if it succeeds; owned.</param>
/// <param name="Payload">What holds the bytes being written, if any; owned.</param>
/// <param name="Bytes">How many bytes are kept meanwhile.</param>
internal readonly record struct BegunRequest(ValueTask Operation, Request Request, BufferSlice Reply, PooledBuffer? Payload, long Bytes);
