"""Optimizers: they change the trained numbers step by step. `call` leaves out the parameters, which the engine adds."""

from __future__ import annotations

from typing import ClassVar

from nodes.roles import Optimizer
from nodes.spec import Call, Shape, Unfit, Value, Values, module, setting

_DECAY = "Pulls all trained numbers towards 0 a little at each step, against overfitting (L2)."
_MEMORY = "How much of the {} is kept from step to step."
_FLOOR = "Tiny number that keeps divisions from going wild."


class DecayingOptimizer(Optimizer):
    """An optimizer with weight decay."""

    example: ClassVar[tuple[Value, ...]] = ((),)

    weight_decay: float = setting(0.0, _DECAY, low=0.0)


class MomentOptimizer(DecayingOptimizer):
    """An optimizer of the Adam family: it keeps a running mean of the gradients and of their squares."""

    beta1: float = setting(0.9, _MEMORY.format("running mean of the gradients"), label="Beta 1", low=0.0, high=0.9999)
    beta2: float = setting(
        0.999, _MEMORY.format("running mean of the squared gradients"), label="Beta 2", low=0.0, high=0.999999
    )
    epsilon: float = setting(1e-8, _FLOOR, low=0.0, high=1.0)

    def moments(self, target: str, **more: object) -> Call:
        """The call of a torch optimizer of this family."""
        betas = (self.beta1, self.beta2)
        return module(target, lr=self.rate, betas=betas, eps=self.epsilon, weight_decay=self.weight_decay, **more)

    def remembers(self) -> int:
        return 2


class SGD(DecayingOptimizer, id="sgd", title="SGD", words="stochastic gradient descent momentum nesterov"):
    """Stochastic gradient descent: walks straight downhill, with momentum like a rolling ball. Plain and dependable; it
    wants a well-chosen learning rate.
    """

    rate: float = setting(1e-2, "How big each step is (learning rate).", label="Learning rate", low=0.0, brief=True)
    momentum: float = setting(
        0.9, "How much of the last step is kept in the next one; 0 is none.", low=0.0, high=0.9999
    )
    nesterov: bool = setting(False, "Look ahead along the momentum before taking the gradient; it needs momentum.")

    def infer(self, loss: tuple[Shape, ...]) -> Values:
        if self.nesterov and not self.momentum:
            raise Unfit(
                "Nesterov is on, but momentum is 0; give a momentum above 0, such as 0.9, or turn it off.", "nesterov"
            )
        return {}

    def call(self, loss: tuple[Shape, ...]) -> Call:
        more = {"momentum": self.momentum, "nesterov": self.nesterov}
        return module("torch.optim.SGD", lr=self.rate, weight_decay=self.weight_decay, **more)

    def remembers(self) -> int:
        return int(self.momentum > 0)


class Adam(MomentOptimizer, id="adam", title="Adam", words="adaptive moment default"):
    """Gives every trained number its own step, from the running mean and spread of its gradients. Works well with its
    defaults; a good first choice (Kingma 2015).
    """

    amsgrad: bool = setting(
        False, "Never lets the spread shrink again (AMSGrad), which can steady late training.", label="AMSGrad"
    )

    def call(self, loss: tuple[Shape, ...]) -> Call:
        return self.moments("torch.optim.Adam", amsgrad=self.amsgrad)

    def remembers(self) -> int:
        return 2 + self.amsgrad


class AdamW(MomentOptimizer, id="adamw", title="AdamW", words="adaptive moment decoupled weight decay transformer"):
    """Adam with weight decay kept apart from the gradients, so that it acts as meant. The usual choice for large models
    (Loshchilov 2019).
    """

    weight_decay: float = setting(
        1e-2, "Pulls all trained numbers towards 0 a little at each step, against overfitting.", low=0.0
    )
    amsgrad: bool = setting(
        False, "Never lets the spread shrink again (AMSGrad), which can steady late training.", label="AMSGrad"
    )

    def call(self, loss: tuple[Shape, ...]) -> Call:
        return self.moments("torch.optim.AdamW", amsgrad=self.amsgrad)

    def remembers(self) -> int:
        return 2 + self.amsgrad


class NAdam(MomentOptimizer, id="nadam", title="NAdam", words="adaptive moment nesterov"):
    """Adam that looks ahead along its momentum, as Nesterov does; sometimes faster at the beginning (Dozat 2016)."""

    rate: float = setting(2e-3, "How big each step is (learning rate).", label="Learning rate", low=0.0, brief=True)

    def call(self, loss: tuple[Shape, ...]) -> Call:
        return self.moments("torch.optim.NAdam")


class RAdam(MomentOptimizer, id="radam", title="RAdam", words="rectified adaptive moment warm up"):
    """Adam that starts cautiously until it knows the spread of the gradients, so that no warm-up is needed
    (Liu 2020).
    """

    def call(self, loss: tuple[Shape, ...]) -> Call:
        return self.moments("torch.optim.RAdam")


class Adamax(MomentOptimizer, id="adamax", title="Adamax", words="adaptive moment infinity norm"):
    """Adam that divides by the largest recent gradient instead of their spread; steady where gradients are rare and
    large (Kingma 2015).
    """

    rate: float = setting(2e-3, "How big each step is (learning rate).", label="Learning rate", low=0.0, brief=True)

    def call(self, loss: tuple[Shape, ...]) -> Call:
        return self.moments("torch.optim.Adamax")


class RMSprop(DecayingOptimizer, id="rmsprop", title="RMSprop", words="root mean square propagation"):
    """Divides each step by the recent size of the gradient, so that steep and flat directions advance alike
    (Tieleman and Hinton 2012).
    """

    memory: float = setting(0.99, _MEMORY.format("running mean of the squared gradients"), low=0.0, high=0.9999)
    momentum: float = setting(
        0.0, "How much of the last step is kept in the next one; 0 is none.", low=0.0, high=0.9999
    )
    centred: bool = setting(False, "Subtract the mean gradient first, so that only its spread counts.")
    epsilon: float = setting(1e-8, _FLOOR, low=0.0, high=1.0)

    def call(self, loss: tuple[Shape, ...]) -> Call:
        more = {"momentum": self.momentum, "centered": self.centred, "weight_decay": self.weight_decay}
        return module("torch.optim.RMSprop", lr=self.rate, alpha=self.memory, eps=self.epsilon, **more)

    def remembers(self) -> int:
        return 1 + (self.momentum > 0) + self.centred


class Adagrad(DecayingOptimizer, id="adagrad", title="Adagrad", words="adaptive gradient sparse"):
    """Lets each trained number take ever smaller steps the more it has moved. Suits features that occur rarely
    (Duchi 2011).
    """

    rate: float = setting(1e-2, "How big each step is (learning rate).", label="Learning rate", low=0.0, brief=True)
    rate_decay: float = setting(0.0, "Lowers the learning rate with every step.", low=0.0)
    epsilon: float = setting(1e-10, _FLOOR, low=0.0, high=1.0)

    def call(self, loss: tuple[Shape, ...]) -> Call:
        more = {"lr_decay": self.rate_decay, "weight_decay": self.weight_decay}
        return module("torch.optim.Adagrad", lr=self.rate, eps=self.epsilon, **more)

    def remembers(self) -> int:
        return 1


class Adadelta(DecayingOptimizer, id="adadelta", title="Adadelta", words="adaptive without learning rate"):
    """Sizes its steps by how far the trained numbers moved lately, so that the learning rate hardly matters
    (Zeiler 2012).
    """

    rate: float = setting(
        1.0, "Multiplies each step (learning rate); 1 is usual here.", label="Learning rate", low=0.0, brief=True
    )
    memory: float = setting(0.9, _MEMORY.format("running means"), low=0.0, high=1.0)
    epsilon: float = setting(1e-6, _FLOOR, low=0.0, high=1.0)

    def call(self, loss: tuple[Shape, ...]) -> Call:
        return module(
            "torch.optim.Adadelta", lr=self.rate, rho=self.memory, eps=self.epsilon, weight_decay=self.weight_decay
        )

    def remembers(self) -> int:
        return 2
