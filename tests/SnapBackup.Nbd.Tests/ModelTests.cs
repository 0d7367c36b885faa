using CsCheck;
using SnapBackup.Blocks;

namespace SnapBackup.Nbd.Tests;

/// <summary>Any sequence of requests, cut into any pieces on the wire, does what it would do to a plain array.</summary>
public sealed class ModelTests
{
    private const int Size = (1 << 20) + 777;

    private static readonly Gen<Step> GenStep = Gen.Select(
        Gen.Frequency((4, Gen.Const((ushort)0)), (4, Gen.Const((ushort)1)), (1, Gen.Const((ushort)3)), (1, Gen.Const((ushort)4)), (1, Gen.Const((ushort)6))),
        Gen.Int[0, Size - 1],
        Gen.Frequency((6, Gen.Int[1, 10_000]), (2, Gen.Int[10_000, 300_000]), (1, Gen.Int[300_000, 700_000])),
        Gen.Byte[1, 255],
        Gen.Bool,
        (command, offset, length, fill, fua) => new Step(command, offset, length, fill, fua));

    private static readonly Gen<int[]> GenCuts = Gen.Frequency((1, Gen.Int[1, 50]), (2, Gen.Int[50, 5_000]), (3, Gen.Int[5_000, 400_000])).Array[1, 20];

    [Fact]
    public async Task Requests_sent_at_once_are_carried_out_in_order_on_a_device_that_completes_at_once() =>
        await Gen.Select(GenStep.Array[1, 40], GenCuts, Gen.Bool)
            .SampleAsync(async (steps, cuts, structured) => await CheckAsync(steps, cuts, structured, pipelined: true), iter: 60);

    [Fact]
    public async Task Requests_sent_one_by_one_are_carried_out_on_a_device_that_completes_late() =>
        await Gen.Select(GenStep.Array[1, 40], GenCuts, Gen.Bool)
            .SampleAsync(async (steps, cuts, structured) => await CheckAsync(steps, cuts, structured, pipelined: false), iter: 60);

    private static async Task CheckAsync(Step[] steps, int[] cuts, bool structured, bool pipelined)
    {
        var disk = new MemoryBlockDevice("disk", Size);
        IBlockDevice device = disk;
        if (!pipelined)
        {
            var gated = new GatedBlockDevice(disk);
            gated.Open();
            device = gated;
        }

        await using var server = new TestServer(new TestExports(device));
        using var client = server.Enter("disk", structured);
        var model = new byte[Size];
        if (pipelined)
        {
            var sending = Task.Run(() => SendInPieces(client, [.. steps.SelectMany((step, i) => step.Bytes(i))], cuts), TestContext.Current.CancellationToken);
            for (var i = 0; i < steps.Length; i++)
                ExpectReply(client, steps, model, i);
            await sending;
        }
        else
        {
            for (var i = 0; i < steps.Length; i++)
            {
                SendInPieces(client, steps[i].Bytes(i), cuts);
                ExpectReply(client, steps, model, i);
            }
        }

        Assert.True(model.AsSpan().SequenceEqual(disk.Content), "The device differs from the model.");
    }

    private static void ExpectReply(RawClient client, Step[] steps, byte[] model, int i)
    {
        var step = steps[i];
        var reply = client.ReceiveReply(step.IsRead ? step.FittingLength : 0);
        Assert.Equal(((ulong)i, 0u), (reply.Cookie, reply.Error));
        step.ApplyTo(model);
        if (step.IsRead)
            Assert.True(model.AsSpan(step.Offset, step.FittingLength).SequenceEqual(reply.Data), $"{step} read other data.");
    }

    private static void SendInPieces(RawClient client, byte[] bytes, int[] cuts)
    {
        for (int sent = 0, i = 0; sent < bytes.Length; i++)
        {
            var count = Math.Min(cuts[i % cuts.Length], bytes.Length - sent);
            client.Send(bytes[sent..(sent + count)]);
            sent += count;
        }
    }

    private sealed record Step(ushort Command, int Offset, int Length, byte Fill, bool Fua)
    {
        public bool IsRead => Command == 0;

        public int FittingLength => Math.Min(Length, Size - Offset);

        private bool IsFlush => Command == 3;

        public byte[] Bytes(int cookie) => RawClient.Request(
            Command,
            (ulong)cookie,
            IsFlush ? 0 : (ulong)Offset,
            IsFlush ? 0 : (uint)FittingLength,
            (ushort)(Fua ? 1 : 0),
            Command == 1 ? Payload() : null);

        public void ApplyTo(byte[] model)
        {
            if (Command == 1)
                Payload().CopyTo(model, Offset);
            else if (Command is 4 or 6)
                Array.Clear(model, Offset, FittingLength);
        }

        private byte[] Payload()
        {
            var bytes = new byte[FittingLength];
            for (var i = 0; i < bytes.Length; i++)
                bytes[i] = (byte)(Fill + i / 256 + i);
            return bytes;
        }
    }
}
